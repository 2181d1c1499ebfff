package tocsin

import (
	"context"
	"fmt"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

// BrokerInfo is what the broker tells of itself.
type BrokerInfo struct {
	Version  string
	LogID    string
	First    uint64 // the first seq that the log holds
	Head     uint64
	Durable  uint64
	UptimeS  uint64
	Sessions uint64
	Counters map[string]uint64
}

// ask sends one question and hands each answer of that verb to take, until that says that it was the last.
func (c *Client) ask(ctx context.Context, question []byte, verb string, take func(*wire.Reader) (bool, error)) error {
	maker, err := c.newLink(streamDoor, c.maxEventBytes()+2<<20, 64)
	if err != nil {
		return err
	}
	opening, cancel := c.opening(ctx)
	defer cancel()
	l := maker.start()
	defer l.close()
	var tried error
	for {
		select {
		case <-opening.Done():
			return openingError(ctx, opening.Err(), tried)
		case event := <-l.events:
			switch event.kind {
			case linkTried:
				tried = event.err
				if isTurnedAway(tried) {
					return unreachable(tried)
				}
			case linkConnected:
				l.say(question)
			case linkOver:
				return unreachable(event.err)
			case linkMessage:
				isLast, err := takeAnswer(event.message, verb, take)
				if isLast || err != nil {
					return err
				}
			}
		}
	}
}

func takeAnswer(message []byte, verb string, take func(*wire.Reader) (bool, error)) (bool, error) {
	r, said, _, ok := answer(message)
	switch {
	case !ok:
		return false, ErrProtocol
	case said == verb:
		return take(&r)
	case said != "error":
		return false, nil
	}
	code, _ := r.ReadStr()
	text, _ := r.ReadStr()
	kind := ErrProtocol
	switch string(code) {
	case "busy", "unavailable":
		kind = ErrUnreachable
	case "denied":
		kind = ErrDenied
	}
	return false, fmt.Errorf("%w: %s", kind, text)
}

// Info asks the broker about itself.
func (c Client) Info(ctx context.Context) (BrokerInfo, error) {
	var info BrokerInfo
	err := c.ask(ctx, verbMessage("info"), "info", func(r *wire.Reader) (bool, error) {
		before := r.At
		if _, ok := r.ReadMap(); !ok {
			return false, ErrProtocol
		}
		r.At = before
		if judgeValue(r) != "" {
			return false, ErrProtocol
		}
		values, _ := readValue(&wire.Reader{Bytes: r.Bytes, At: before}).(map[string]any)
		info = infoOf(values)
		return true, nil
	})
	return info, err
}

func infoOf(values map[string]any) BrokerInfo {
	text := func(name string) string { s, _ := values[name].(string); return s }
	info := BrokerInfo{Version: text("version"), LogID: text("log_id"), First: toUint(values["first"]),
		Head: toUint(values["head"]), Durable: toUint(values["durable"]), UptimeS: toUint(values["uptime_s"]),
		Sessions: toUint(values["sessions"]), Counters: map[string]uint64{}}
	counters, _ := values["counters"].(map[string]any)
	for name, value := range counters {
		info.Counters[name] = toUint(value)
	}
	return info
}

func toUint(value any) uint64 {
	switch v := value.(type) {
	case int64:
		return uint64(max(v, 0))
	case uint64:
		return v
	}
	return 0
}

// Latest asks for the last event of every topic that a filter takes, in the order of seq; without filters: of all topics.
func (c Client) Latest(ctx context.Context, filters ...Filter) ([]Message, error) {
	wanted, err := newWanted(filters, nil, nil, 0)
	if err != nil {
		return nil, err
	}
	var messages []Message
	question := appendPrefixes(wire.AppendStr(wire.AppendArray(nil, 2), "latest"), wanted.prefixes())
	err = c.ask(ctx, question, "latest", func(r *wire.Reader) (bool, error) {
		count, ok := r.ReadArray()
		if !ok {
			return false, ErrProtocol
		}
		for i := count; i > 0; i-- {
			var record record
			if !readRecord(r, c.maxEventBytes(), &record) {
				return false, ErrProtocol
			}
			if topic := record.view.topic(); wanted.takes(&record.view, topic) {
				messages = append(messages, record.message(topic, ""))
			}
		}
		return count == 0, nil
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}
