package tocsin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A broker process under the control of broker.py, on four ports in a row, the same ones over all its lives.
type broker struct {
	t      *testing.T
	orders io.WriteCloser
	said   *bufio.Scanner
}

func startBroker(t *testing.T) (*broker, Client) {
	t.Helper()
	program := exec.Command("python3", filepath.Join("..", "broker.py"), "--control")
	program.Stderr = os.Stderr
	out := must(program.StdoutPipe())(t)
	b := &broker{t: t, orders: must(program.StdinPipe())(t), said: bufio.NewScanner(out)}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.orders.Close()
		program.Wait()
	})
	return b, Client{Server: b.expect("ready")[0], ConnectTimeout: 30 * time.Second}
}

// expect is what broker.py says behind that word.
func (b *broker) expect(word string) []string {
	b.t.Helper()
	if !b.said.Scan() {
		b.t.Fatalf("broker.py has ended, and did not say %q", word)
	}
	words := strings.Fields(b.said.Text())
	if len(words) == 0 || words[0] != word {
		b.t.Fatalf("broker.py says %q, not %q", b.said.Text(), word)
	}
	return words[1:]
}

func (b *broker) start() {
	b.t.Helper()
	fmt.Fprintln(b.orders, "start")
	b.expect("ready")
}

// kill is kill -9.
func (b *broker) kill() {
	b.t.Helper()
	fmt.Fprintln(b.orders, "kill")
	b.expect("killed")
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func numbered(i int) Event {
	return Event{Level: Info, Category: "TestEvent", Type: "Numbered", SourceID: fmt.Sprintf("source-%d", i%7),
		Summary: fmt.Sprintf("event %d", i), Snapshot: map[string]any{"number": int64(i)}}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// take takes events until there are `count` of TestEvent; other messages are handed to other.
func take(t *testing.T, next func(context.Context) (Message, error), count int, other func(Message)) []Message {
	t.Helper()
	ctx := soon(t)
	var out []Message
	for len(out) < count {
		m := must(next(ctx))(t)
		if m.Kind == KindEvent && m.Event.Category == "TestEvent" {
			out = append(out, m)
		} else if m.Kind != KindEvent && other != nil {
			other(m)
		} else if m.Kind != KindEvent {
			t.Fatalf("told: %+v", m)
		}
	}
	return out
}

func expectNumbers(t *testing.T, messages []Message) {
	t.Helper()
	for i, m := range messages {
		if number := m.Event.Snapshot.(map[string]any)["number"]; number != int64(i) {
			t.Fatalf("at %d (seq %d): %v", i, m.Seq, number)
		}
	}
}

func TestWhatIsPublishedComesLiveAndByStream(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	subscriber := must(client.Subscribe(ctx, nil))(t)
	defer subscriber.Close()
	publisher := must(client.Publisher(ctx, nil))(t)
	const count = 5000
	for i := range count {
		if err := publisher.Publish(ctx, numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := publisher.Close(); err != nil {
		t.Fatal(err)
	}
	live := take(t, subscriber.Next, count, nil)
	expectNumbers(t, live)
	stream := must(client.OpenStream(ctx, &StreamOptions{From: FromFirst(), EndsAtHead: true, Filters: []Filter{Category("TestEvent")}}))(t)
	defer stream.Close()
	var replayed []Message
	isEnded := false
	for m, err := range stream.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		isEnded = isEnded || m.Kind == KindEnd
		if m.Kind == KindEvent {
			replayed = append(replayed, m)
		}
	}
	expectEqual(t, "ended", isEnded, true)
	expectEqual(t, "how many", len(replayed), count)
	for i := range replayed {
		expectEqual(t, "message", replayed[i], live[i])
	}
	if _, err := stream.Next(ctx); err != ErrEnd {
		t.Error(err)
	}
}

func TestTheFirstEventOfAPublisherIsNotLost(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	subscriber := must(client.Subscribe(ctx, &SubscribeOptions{Filters: []Filter{SourceIs("TestEvent", "source-3")}}))(t)
	defer subscriber.Close()
	for range 20 {
		publisher := must(client.Publisher(ctx, &PublisherOptions{CollectsNothing: true}))(t)
		if err := publisher.Publish(ctx, numbered(3)); err != nil {
			t.Fatal(err)
		}
		if err := publisher.Close(); err != nil {
			t.Fatal(err)
		}
	}
	take(t, subscriber.Next, 20, nil)
}

func TestAppendedIsInTheLogWithAReceipt(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	appender := must(client.Appender(ctx, "p", nil))(t)
	first := must(appender.Append(ctx, numbered(0)))(t)
	receipt := must(first.Wait(ctx))(t)
	if first.N != 1 || receipt.N != 1 || receipt.Seq == 0 || len(receipt.Hash) != 32 {
		t.Errorf("%+v %+v", first, receipt)
	}
	if _, err := appender.Append(ctx, Event{Level: Info, Category: "no good", Type: "T", SourceID: "s"}); !errors.Is(err, ErrRefused) {
		t.Error(err)
	}
	var refusal *Refusal
	if err := (&Event{Category: "C", Type: "T", SourceID: "s"}).Check(); !errors.As(err, &refusal) || refusal.Field != "level" {
		t.Error(err)
	}
	if err := appender.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := appender.Append(ctx, numbered(1)); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	again := must(client.Appender(ctx, "p", nil))(t)
	if next := must(again.Append(ctx, numbered(1)))(t); next.N != 2 {
		t.Errorf("goes on at %d", next.N)
	}
	newer := must(client.Appender(ctx, "p", nil))(t)
	pending, err := again.Append(ctx, numbered(2))
	if err == nil { // it does not know yet
		_, err = pending.Wait(ctx)
	}
	if !errors.Is(err, ErrFenced) {
		t.Error(err)
	}
	if err := again.Close(); !errors.Is(err, ErrFenced) {
		t.Error(err)
	}
	if err := newer.Close(); err != nil {
		t.Error(err)
	}
}

func TestABrokerThatIsKilledLosesAndDoublesNothing(t *testing.T) {
	broker, client := startBroker(t)
	ctx := soon(t)
	stream := must(client.OpenStream(ctx, &StreamOptions{Filters: []Filter{Category("TestEvent")}, SilenceTimeout: time.Minute}))(t)
	defer stream.Close()
	subscriber := must(client.Subscribe(ctx, nil))(t)
	defer subscriber.Close()
	appender := must(client.Appender(ctx, "p", &AppenderOptions{CloseTimeout: time.Minute}))(t)
	const count = 6000
	failed := make(chan error, 1)
	ahead := make(chan struct{}, 400) // no more than that is appended and not read, so that a kill comes in the middle
	go func() {
		for i := range count {
			ahead <- struct{}{}
			if _, err := appender.Append(ctx, numbered(i)); err != nil {
				failed <- err
				return
			}
		}
		failed <- appender.Close()
	}()
	next := func(ctx context.Context) (Message, error) {
		m, err := stream.Next(ctx)
		if m.Kind == KindEvent && err == nil {
			<-ahead
		}
		return m, err
	}
	taken := take(t, next, 500, nil)
	broker.kill()
	broker.start()
	taken = append(taken, take(t, next, 2000, nil)...)
	broker.kill()
	broker.start()
	taken = append(taken, take(t, next, count-2500, nil)...)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	expectNumbers(t, taken)
	cursor := stream.Cursor()
	info := must(client.Info(ctx))(t)
	if cursor < taken[count-1].Seq || info.Head < cursor || info.LogID != stream.LogID() {
		t.Errorf("cursor %d, %+v", cursor, info)
	}
	// Live, what came is in order and the rest is told: by gaps where everything is wanted, exactly.
	var seen, missing uint64
	first := uint64(0)
	for seen+missing < taken[count-1].Seq-first {
		m := must(subscriber.Next(ctx))(t)
		switch m.Kind {
		case KindEvent:
			if first == 0 {
				first = m.Seq - 1
			}
			seen++
		case KindGap:
			if first == 0 {
				first = m.First - 1
			}
			missing += m.AtLeast
		}
	}
}

func TestAStreamBeginsWhereItIsToldTo(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	appender := must(client.Appender(ctx, "p", nil))(t)
	var receipts []Receipt
	for i := range 10 {
		receipts = append(receipts, must(must(appender.Append(ctx, numbered(i)))(t).Wait(ctx))(t))
	}
	appender.Close()
	info := must(client.Info(ctx))(t)
	count := func(options StreamOptions) (n int, cursor uint64) {
		options.EndsAtHead = true
		stream := must(client.OpenStream(ctx, &options))(t)
		defer stream.Close()
		for m, err := range stream.All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			if m.Kind == KindEvent && m.Event.Category == "TestEvent" {
				n++
			}
		}
		return n, stream.Cursor()
	}
	for name, c := range map[string]struct {
		options StreamOptions
		wanted  int
	}{
		"first":    {StreamOptions{From: FromFirst()}, 10},
		"seq":      {StreamOptions{From: FromSeq(receipts[4].Seq), LogID: info.LogID}, 6},
		"last":     {StreamOptions{From: FromLast(3)}, 3},
		"time":     {StreamOptions{From: FromTime(time.Now().Add(time.Hour))}, 0},
		"long ago": {StreamOptions{From: FromTime(time.Unix(0, 0))}, 10},
		"new":      {StreamOptions{}, 0},
		"latest":   {StreamOptions{Latest: true, Filters: []Filter{Category("TestEvent")}}, 7},
		"source":   {StreamOptions{From: FromFirst(), Filters: []Filter{SourceIs("", "source-1")}}, 2},
		"type":     {StreamOptions{From: FromFirst(), Types: []string{"Other"}}, 0},
		"level":    {StreamOptions{From: FromFirst(), MinLevel: Warning}, 0},
		"credit":   {StreamOptions{From: FromFirst(), CreditBytes: 1}, 10},
		"exclude":  {StreamOptions{From: FromFirst(), Exclude: []Filter{Category("TestEvent")}}, 0},
	} {
		if n, cursor := count(c.options); n != c.wanted || cursor != info.Head {
			t.Errorf("%s: %d events, cursor %d of %d", name, n, cursor, info.Head)
		}
	}
	_, err := client.OpenStream(ctx, &StreamOptions{From: FromSeq(1), LogID: strings.Repeat("0", 32)})
	if err != ErrOtherLog {
		t.Error(err)
	}
	latest := must(client.Latest(ctx, Category("TestEvent")))(t)
	if len(latest) != 7 || latest[6].Seq != receipts[9].Seq {
		t.Errorf("%d latest", len(latest))
	}
	if all := must(client.Latest(ctx))(t); len(all) <= 7 {
		t.Errorf("%d of all topics", len(all))
	}
}

func TestABrokerThatIsNotThereIsAClearError(t *testing.T) {
	client := Client{Server: "127.0.0.1:1", ConnectTimeout: 200 * time.Millisecond}
	ctx := soon(t)
	_, e1 := client.Publisher(ctx, nil)
	_, e2 := client.Appender(ctx, "p", nil)
	_, e3 := client.Subscribe(ctx, nil)
	_, e4 := client.OpenStream(ctx, nil)
	_, e5 := client.Info(ctx)
	for i, err := range []error{e1, e2, e3, e4, e5} {
		if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%d: %v", i, err)
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := client.Info(canceled); err != context.Canceled {
		t.Error(err)
	}
	for _, server := range []string{"a b", "a:1:2:x", "h:99999", "h:x"} {
		if _, err := (Client{Server: server}).Info(ctx); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", server, err)
		}
	}
	if _, err := client.Appender(ctx, "no good", nil); !errors.Is(err, ErrInvalid) {
		t.Error(err)
	}
}

func TestAnotherDoorIsAClearError(t *testing.T) {
	_, client := startBroker(t)
	client.Live = fmt.Sprintf("tcp://%s", client.Server) // ingest
	client.ConnectTimeout = 300 * time.Millisecond
	if _, err := client.Subscribe(soon(t), nil); !errors.Is(err, ErrProtocol) {
		t.Error(err)
	}
}

func TestEventsWaitWhileTheBrokerIsAway(t *testing.T) {
	broker, client := startBroker(t)
	ctx := soon(t)
	publisher := must(client.Publisher(ctx, &PublisherOptions{QueueBytes: 10000, SendTimeout: 50 * time.Millisecond}))(t)
	broker.kill()
	var err error
	taken := 0
	for ; err == nil && taken < 10000; taken++ {
		err = publisher.Publish(ctx, numbered(taken))
	}
	if err != ErrFull {
		t.Fatal(err)
	}
	broker.start()
	if err := publisher.Flush(ctx); err != nil || publisher.Waiting() != 0 {
		t.Fatal(err)
	}
	stream := must(client.OpenStream(ctx, &StreamOptions{From: FromFirst()}))(t)
	defer stream.Close()
	last := numbered(taken - 2)
	for m, err := range stream.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind == KindEvent && m.Event.Summary == last.Summary {
			break
		}
	}
	if err := publisher.Close(); err != nil {
		t.Error(err)
	}
}

func TestSlogRecordsAreEvents(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	subscriber := must(client.Subscribe(ctx, &SubscribeOptions{Filters: []Filter{Category("LogEvent")}}))(t)
	defer subscriber.Close()
	publisher := must(client.Publisher(ctx, nil))(t)
	defer publisher.Close()
	logger := slog.New(NewLogHandler(publisher, &LogOptions{SourceID: "billing"})).With("a", 1).WithGroup("g")
	logger.Debug("not published")
	logger.Warn("disk\nnearly full", "free", 0.5, "err", errors.New("no"), slog.Group("h", "d", time.Second), "x", []int{1})
	m := must(subscriber.Next(ctx))(t)
	expectEqual(t, "level", m.Event.Level, Warning)
	expectEqual(t, "topic", m.Topic, "LogEvent/billing")
	expectEqual(t, "summary", m.Event.Summary, "disk nearly full")
	expectEqual(t, "snapshot", m.Event.Snapshot, map[string]any{"a": int64(1), "g": map[string]any{
		"free": 0.5, "err": "no", "h": map[string]any{"d": "1s"}, "x": []any{int64(1)}}})
}

func TestCloseEndsWhoWaits(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	subscriber := must(client.Subscribe(ctx, &SubscribeOptions{Filters: []Filter{Category("Nothing")}}))(t)
	stream := must(client.OpenStream(ctx, &StreamOptions{Filters: []Filter{Category("Nothing")}}))(t)
	for _, c := range []struct {
		next  func(context.Context) (Message, error)
		close func() error
	}{{subscriber.Next, subscriber.Close}, {stream.Next, stream.Close}} {
		ended := make(chan error)
		go func() {
			_, err := c.next(ctx)
			ended <- err
		}()
		c.close()
		if err := <-ended; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		if _, err := c.next(short); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		cancel()
	}
}
