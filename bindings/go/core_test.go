package tocsin

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

func array(items ...any) []byte {
	b := wire.AppendArray(nil, len(items))
	for _, item := range items {
		switch v := item.(type) {
		case string:
			b = wire.AppendStr(b, v)
		case int:
			b = wire.AppendUint(b, uint64(v))
		case []byte: // ready
			b = append(b, v...)
		}
	}
	return b
}

func recordOf(t *testing.T, seq, prev int, source string) []byte {
	t.Helper()
	data, err := (&Event{Level: Info, Category: "C", Type: "T", SourceID: source, Summary: "s"}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return array(seq, prev, 1, data)
}

const someLog = "0123456789abcdef0123456789abcdef"

func liveCore(t *testing.T, filters ...Filter) *subscriberCore {
	t.Helper()
	w, err := newWanted(filters, nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	core := &subscriberCore{wanted: w, maxBytes: MaxEventBytes, gaps: newGapTracker(w.isEverything(), 4)}
	beat(t, core, 10)
	return core
}

func beat(t *testing.T, core *subscriberCore, head int) {
	t.Helper()
	if err := core.onFrame(append([]byte(heartbeatTopic), array(1, head, someLog, 5)...)); err != nil {
		t.Fatal(err)
	}
}

func frameOf(t *testing.T, core *subscriberCore, source string, seq, prev int) {
	t.Helper()
	if err := core.onFrame(append([]byte("C/"+source+"\x00"), recordOf(t, seq, prev, source)...)); err != nil {
		t.Fatal(err)
	}
}

func kinds(messages []Message) (out []Kind) {
	for _, m := range messages {
		out = append(out, m.Kind)
	}
	return out
}

func TestWhoTakesEverythingCountsExactlyWhatIsMissing(t *testing.T) {
	core := liveCore(t)
	frameOf(t, core, "a", 11, 0)
	frameOf(t, core, "a", 14, 11)
	beat(t, core, 16)
	expectEqual(t, "told", kinds(core.told), []Kind{KindEvent, KindGap, KindEvent, KindGap})
	expectEqual(t, "gap", core.told[1], Message{Kind: KindGap, First: 12, Last: 13, AtLeast: 2})
	expectEqual(t, "gap", core.told[3], Message{Kind: KindGap, First: 15, Last: 16, AtLeast: 2})
}

func TestWithFiltersATopicsChainTellsWhatIsMissing(t *testing.T) {
	core := liveCore(t, Category("C"))
	frameOf(t, core, "a", 20, 5) // before the begin: none of ours
	frameOf(t, core, "b", 22, 0)
	beat(t, core, 30)
	frameOf(t, core, "a", 31, 25)
	expectEqual(t, "told", kinds(core.told), []Kind{KindEvent, KindEvent, KindGap, KindEvent})
	expectEqual(t, "gap", core.told[2], Message{Kind: KindGap, Topic: "C/a", First: 21, Last: 25, AtLeast: 1})
}

func TestForgottenTopicsRaiseNoFalseAlarm(t *testing.T) {
	table := newTopicTable(4)
	for i, topic := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		if _, known := table.exchange(topic, uint64(i+1)); known {
			t.Errorf("%s is known", topic)
		}
	}
	if table.forgotten == 0 || len(table.young)+len(table.old) > 4 {
		t.Errorf("%d forgotten, %d kept", table.forgotten, len(table.young)+len(table.old))
	}
}

func TestAnotherLogOrOneThatWentBackIsAReset(t *testing.T) {
	core := liveCore(t)
	beat(t, core, 3)
	core.onSilence()
	other := append([]byte(heartbeatTopic), array(1, 50, "f"+someLog[1:], 5)...)
	if err := core.onFrame(other); err != nil {
		t.Fatal(err)
	}
	expectEqual(t, "told", kinds(core.told), []Kind{KindReset, KindLost, KindRestored, KindReset})
}

func TestAFrameThatIsNoneIsAnErrorAndPassedOver(t *testing.T) {
	core := liveCore(t)
	for _, frame := range []string{"", "\x00", "C/a", "C/a\x00\xc1", "C/b\x00" + string(recordOf(t, 12, 0, "a")), "~\x00\x90"} {
		if err := core.onFrame([]byte(frame)); !errors.Is(err, ErrProtocol) {
			t.Errorf("%q: %v", frame, err)
		}
	}
	if err := core.onFrame([]byte("~new\x00anything")); err != nil || len(core.told) > 0 {
		t.Errorf("%v %v", err, core.told)
	}
}

func TestASubtreeIsItsRootWhatIsBelowItAndAVirtualHostsApplications(t *testing.T) {
	for _, c := range []struct {
		filter Filter
		topic  string
		takes  bool
	}{
		{Subtree("C", "#d#app"), "C/#d#app", true},
		{Subtree("C", "#d#app"), "C/#d#app/cam", true},
		{Subtree("C", "#d#app"), "C/#d#app2", false},
		{Subtree("C", "d"), "C/#d#app/cam", true},
		{Subtree("C", "d"), "C/#d2#app", false},
		{SourceIs("C", "cam"), "C/cam2", false},
		{SourcePrefix("", "ca"), "X/cam", true},
		{Category("C"), "CC/x", false},
		{Everything(), "X/y", true},
	} {
		if contains([]Filter{c.filter}, c.topic) != c.takes {
			t.Errorf("%+v %s", c.filter, c.topic)
		}
	}
	expectEqual(t, "prefixes", Subtree("C", "d").prefixes(), []string{"C/d\x00", "C/d/", "C/#d#"})
	expectEqual(t, "source", ParseSource("#v#a/s/t"), Source{VHost: "v", App: "a", Stream: "s/t"})
	expectEqual(t, "name", ParseSource("#v#a/"), Source{Name: "#v#a/"})
	id, _ := StreamID("v#w", "a", "s#t")
	expectEqual(t, "id", id, "#v_w#a/s#t")
}

// An appender's core after hello and welcome, with some events.
func welcomed(t *testing.T, last, window, events int) (*appenderCore, []*Pending) {
	t.Helper()
	core := &appenderCore{producer: "p", firstN: 1, nextN: 1, refused: map[uint64]*Refusal{}}
	core.hello(time.Now())
	if !core.receive(array("welcome", 1, someLog, last, window), time.Now()) {
		t.Fatal("not welcome")
	}
	var pending []*Pending
	for i := 0; i < events; i++ {
		p := &Pending{N: core.nextN, done: make(chan struct{})}
		core.add([]byte{0xc0}, p)
		pending = append(pending, p)
	}
	return core, pending
}

func TestAPutKeepsToTheWindowAndAnAckOpensIt(t *testing.T) {
	core, pending := welcomed(t, 7, 2, 3)
	expectEqual(t, "put", core.put(), array("put", 8, array([]byte{0xc0}, []byte{0xc0})))
	expectEqual(t, "nothing", core.put(), []byte(nil))
	core.receive(array("nack", 8, "value", "level", "text"), time.Now())
	core.receive(array("ack", 9, 100, "00ff"), time.Now())
	expectEqual(t, "refused", pending[0].err.(*Refusal), &Refusal{CodeValue, "level", 8})
	expectEqual(t, "receipt", pending[1].receipt, Receipt{9, 100, "00ff"})
	expectEqual(t, "put", core.put(), array("put", 10, array([]byte{0xc0})))
}

func TestAfterABreakOnlyWhatTheBrokerDoesNotHaveIsSentAgain(t *testing.T) {
	core, pending := welcomed(t, 0, 100, 3)
	core.put()
	core.hello(time.Now())
	expectEqual(t, "nothing before the welcome", core.put(), []byte(nil))
	core.receive(array("welcome", 1, someLog, 2, 100), time.Now())
	<-pending[1].Done()
	expectEqual(t, "put", core.put(), array("put", 3, array([]byte{0xc0})))
	if core.receive(array("welcome", 1, someLog, 9, 100), time.Now()) || core.failed != ErrFenced {
		t.Error("numbers that were never given out")
	}
}

func TestFencedIsForGoodAndBusyIsNot(t *testing.T) {
	for code, wanted := range map[string]error{"fenced": ErrFenced, "busy": nil, "unavailable": nil, "order": nil, "denied": ErrDenied} {
		core, _ := welcomed(t, 0, 1, 0)
		if core.receive(array("error", code, "text"), time.Now()) || core.failed != wanted {
			t.Errorf("%s: %v", code, core.failed)
		}
	}
}

func TestASilentBrokerIsAskedAndThenGivenUp(t *testing.T) {
	core, _ := welcomed(t, 0, 1, 0)
	now := time.Now()
	if ask, ok := core.tick(now.Add(time.Second)); ask != nil || !ok {
		t.Error("too soon")
	}
	if ask, ok := core.tick(now.Add(4 * time.Second)); ask == nil || !ok {
		t.Error("not asked")
	}
	if _, ok := core.tick(now.Add(9 * time.Second)); ok {
		t.Error("not given up")
	}
}

func openedStream(t *testing.T, options StreamOptions, from, head int) *streamCore {
	t.Helper()
	w, err := newWanted(options.Filters, nil, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	core := &streamCore{wanted: w, maxBytes: MaxEventBytes, from: options.From, latest: options.Latest,
		follow: !options.EndsAtHead, credit: 1000, silence: 5 * time.Second, heard: now, waited: now}
	core.begin(now)
	if goesOn, err := core.receive(array("opened", 1, someLog, from, head), now); !goesOn || err != nil {
		t.Fatal(err)
	}
	return core
}

func drain(t *testing.T, core *streamCore) {
	t.Helper()
	for core.batch != nil {
		if err := core.step(time.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t *testing.T, core *streamCore, message []byte) {
	t.Helper()
	if _, err := core.receive(message, time.Now()); err != nil {
		t.Fatal(err)
	}
	drain(t, core)
}

func TestABatchMovesTheCursorAndCreditIsGivenAgain(t *testing.T) {
	core := openedStream(t, StreamOptions{From: FromFirst()}, 1, 9)
	core.out = nil
	receive(t, core, array("batch", 5, array(recordOf(t, 2, 0, "a"), recordOf(t, 4, 2, "a"))))
	expectEqual(t, "told", kinds(core.told), []Kind{KindEvent, KindEvent})
	expectEqual(t, "cursor", core.cursor, uint64(5))
	expectEqual(t, "no credit yet", len(core.out), 0)
	for i := 6; i < 16; i++ {
		receive(t, core, array("batch", i, array(recordOf(t, i, 0, "a"))))
	}
	expectEqual(t, "credit", len(core.out), 1)
}

func TestAStreamResumesBehindItsCursor(t *testing.T) {
	core := openedStream(t, StreamOptions{From: FromFirst()}, 1, 9)
	receive(t, core, array("batch", 5, array()))
	core.out = nil
	core.begin(time.Now())
	expectEqual(t, "open", core.out[0], core.openMessage(FromSeq(6), false))
	if goesOn, err := core.receive(array("opened", 1, someLog, 6, 9), time.Now()); !goesOn || err != nil {
		t.Fatal(err)
	}
	if _, err := core.receive(array("batch", 3, array()), time.Now()); !errors.Is(err, ErrProtocol) {
		t.Error("upto went back")
	}
}

func TestTheLatestAreToldOnceAndTheStreamGoesOnFromItsBegin(t *testing.T) {
	core := openedStream(t, StreamOptions{From: FromNew(), Latest: true}, 10, 9)
	receive(t, core, array("batch", 9, array(recordOf(t, 3, 0, "a"))))
	expectEqual(t, "in latest", core.isInLatest, true)
	core.begin(time.Now())
	core.receive(array("opened", 1, someLog, 10, 9), time.Now())
	receive(t, core, array("batch", 9, array(recordOf(t, 3, 0, "a"), recordOf(t, 7, 0, "b"))))
	receive(t, core, array("batch", 11, array(recordOf(t, 11, 3, "a"))))
	expectEqual(t, "told", len(core.told), 3)
	expectEqual(t, "cursor", core.cursor, uint64(11))
}

func TestHolesEndsAndOtherLogsAreTold(t *testing.T) {
	core := openedStream(t, StreamOptions{From: FromFirst(), EndsAtHead: true}, 1, 9)
	receive(t, core, array("hole", 1, 4))
	receive(t, core, array("end", 9))
	expectEqual(t, "told", core.told, []Message{{Kind: KindHole, First: 1, Last: 4, AtLeast: 4}, {Kind: KindEnd, Last: 9}})

	core = openedStream(t, StreamOptions{From: FromFirst()}, 1, 9)
	core.begin(time.Now())
	core.receive(array("opened", 1, "f"+someLog[1:], 10, 20), time.Now())
	expectEqual(t, "reset", kinds(core.told), []Kind{KindReset})
	core.begin(time.Now())
	expectEqual(t, "open", core.out[len(core.out)-1], core.openMessage(FromFirst(), false))

	core = openedStream(t, StreamOptions{From: FromFirst()}, 1, 9)
	core.keepsLog = true
	core.begin(time.Now())
	if _, err := core.receive(array("opened", 1, "f"+someLog[1:], 10, 20), time.Now()); err != ErrOtherLog {
		t.Error(err)
	}
}

func TestASilentStreamIsAskedForAndToldAsLost(t *testing.T) {
	core := openedStream(t, StreamOptions{}, 1, 0)
	core.out = nil
	now := core.heard
	for at := time.Duration(0); at < 4900*time.Millisecond; at += 500 * time.Millisecond {
		if !core.tick(now.Add(at), true) {
			t.Fatal("over")
		}
	}
	if len(core.out) < 2 || len(core.told) > 0 {
		t.Errorf("%d said, %d told", len(core.out), len(core.told))
	}
	if core.tick(now.Add(5100*time.Millisecond), true) || len(core.told) != 1 || core.told[0].Kind != KindLost {
		t.Error("not lost")
	}
}

func TestKeysAreReadFromFilesAndText(t *testing.T) {
	const key = "^l]%^]nqEguW7LxY?%g:?+gXcz0gQi/oC#RvITu3"
	path := t.TempDir() + "/a.key_secret"
	text := "# public-key\ncurve\n    public-key = \"" + key + "\"\n    secret-key = \"" + key + "\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	parsed := must(ParseCurveKeys(key, key, key))(t)
	expectEqual(t, "keys", must(ReadCurveKeys(path, key))(t), parsed)
	expectEqual(t, "keys", must(ReadCurveKeys(path, path))(t), parsed)
	for _, bad := range []string{"", key[1:], key + "x", "#####" + key[5:], key[:39] + "~"} {
		if _, err := ParseCurveKeys(bad, key, key); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
