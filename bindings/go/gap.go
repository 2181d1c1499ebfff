package tocsin

// topicTable is the last seq of each topic, in bounded memory: two generations, of which the old one is forgotten when
// the young one is half the limit. What was forgotten is remembered as the highest seq among it.
type topicTable struct {
	young, old map[string]uint64
	forgotten  uint64
	half       int
}

func newTopicTable(limit int) *topicTable {
	return &topicTable{young: map[string]uint64{}, old: map[string]uint64{}, half: max(limit/2, 1)}
}

// exchange sets the last seq of a topic and returns the one before.
func (t *topicTable) exchange(topic string, seq uint64) (last uint64, known bool) {
	if last, known = t.young[topic]; !known {
		last, known = t.old[topic]
		delete(t.old, topic)
		if len(t.young) >= t.half {
			for _, gone := range t.old {
				t.forgotten = max(t.forgotten, gone)
			}
			t.old, t.young = t.young, make(map[string]uint64, t.half)
		}
	}
	t.young[topic] = seq
	return last, known
}

type verdict int

const (
	nothingLost verdict = iota
	lost
	wentBack
)

type gap struct {
	first, last, atLeast uint64
	isExact              bool // exactly so many, of any topic; else of the record's topic
}

// gapTracker tells what was lost on the way, from seq and prev of the records and the head in the heartbeats. Who takes
// everything sees each seq; with filters each topic is a chain by prev.
type gapTracker struct {
	seen, begun uint64
	topics      *topicTable // nil: everything is subscribed
	limit       int
}

func newGapTracker(isEverything bool, maxTopics int) *gapTracker {
	g := &gapTracker{}
	if !isEverything {
		g.limit = maxTopics
	}
	g.begin(0)
	return g
}

// begin: what is at or below head is none of ours.
func (g *gapTracker) begin(head uint64) {
	g.seen, g.begun = head, head
	if g.limit > 0 {
		g.topics = newTopicTable(g.limit)
	}
}

func (g *gapTracker) onRecord(topic string, seq, prev uint64) (verdict, gap) {
	seen := g.seen
	if seq <= seen {
		g.begin(seq)
		return wentBack, gap{}
	}
	g.seen = seq
	if g.topics != nil {
		return g.checkChain(topic, seq, prev)
	}
	if seq == seen+1 {
		return nothingLost, gap{}
	}
	return lost, gap{seen + 1, seq - 1, seq - 1 - seen, true}
}

func (g *gapTracker) checkChain(topic string, seq, prev uint64) (verdict, gap) {
	known, isKnown := g.topics.exchange(topic, seq)
	if !isKnown {
		known = max(g.topics.forgotten, g.begun)
	}
	if prev <= known {
		return nothingLost, gap{}
	}
	return lost, gap{known + 1, prev, 1, false}
}

func (g *gapTracker) onHead(head uint64) (verdict, gap) {
	seen := g.seen
	if head < seen {
		g.begin(head)
		return wentBack, gap{}
	}
	g.seen = head
	if g.topics != nil || head == seen {
		return nothingLost, gap{}
	}
	return lost, gap{seen + 1, head, head - seen, true}
}
