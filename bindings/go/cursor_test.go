package tocsin

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestACursorsFileIsOneLineKeptFromASecondUser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cursor")
	file := must(openCursorFile(path))(t)
	if _, isThere, err := file.read(); isThere || err != nil {
		t.Error(isThere, err)
	}
	wanted := cursor{strings.Repeat("0f", 16), math.MaxUint64 - 1}
	if err := file.write(wanted); err != nil {
		t.Fatal(err)
	}
	text := must(os.ReadFile(path))(t)
	expectEqual(t, "text", string(text), "tocsin-cursor 1 "+wanted.logID+" 18446744073709551614\n")
	found, isThere, err := file.read()
	if found != wanted || !isThere || err != nil {
		t.Error(found, isThere, err)
	}
	if _, err := openCursorFile(path); !errors.Is(err, ErrCursor) {
		t.Error(err)
	}
	file.close()
	must(openCursorFile(path))(t).close()
}

func TestWhatIsNoCursorIsRefused(t *testing.T) {
	good := "tocsin-cursor 1 " + strings.Repeat("0", 32) + " 7\n"
	if _, ok := parseCursor([]byte(good)); !ok {
		t.Error(good)
	}
	for _, bad := range []string{"", "no cursor\n", good[:len(good)-1], good + "\n", strings.Replace(good, "7", "", 1),
		strings.Replace(good, "7", "-7", 1), strings.Replace(good, "7", "+7", 1), strings.Replace(good, "7", "7 ", 1),
		strings.Replace(good, "7", "18446744073709551615", 1), strings.Replace(good, "00", "0", 1),
		strings.Replace(good, "00", "0F", 1), strings.Replace(good, "1", "2", 1)} {
		if _, ok := parseCursor([]byte(bad)); ok {
			t.Errorf("%q", bad)
		}
	}
}

// appendNumbered appends the events `from` up to `to`, and waits for the last one.
func appendNumbered(t *testing.T, client Client, from, to int) {
	t.Helper()
	appender := must(client.Appender(soon(t), "p", nil))(t)
	for i := from; i < to; i++ {
		must(appender.Append(soon(t), numbered(i)))(t)
	}
	if err := appender.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestACursorFileGoesOnWhereTheLastRunEnded(t *testing.T) {
	broker, client := startBroker(t)
	ctx := soon(t)
	appendNumbered(t, client, 0, 10)
	options := StreamOptions{From: FromFirst(), CursorFile: filepath.Join(t.TempDir(), "cursor"),
		Filters: []Filter{Category("TestEvent")}}
	first := must(client.OpenStream(ctx, &options))(t)
	expectNumbers(t, take(t, first.Next, 5, nil))
	if _, err := client.OpenStream(ctx, &options); !errors.Is(err, ErrCursor) {
		t.Error(err)
	}
	if err := first.Close(); err != nil { // the fifth was told, and nobody has asked for more: it is not handled
		t.Fatal(err)
	}
	broker.kill()
	broker.start()

	options.EndsAtHead = true
	second := must(client.OpenStream(ctx, &options))(t)
	var told []any
	for m, err := range second.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind == KindEvent {
			told = append(told, m.Event.Snapshot.(map[string]any)["number"])
		}
	}
	expectEqual(t, "numbers", told, []any{int64(4), int64(5), int64(6), int64(7), int64(8), int64(9)})
	second.Close()

	third := must(client.OpenStream(ctx, &options))(t)
	defer third.Close()
	if m := must(third.Next(ctx))(t); m.Kind != KindEnd {
		t.Errorf("%+v", m)
	}
}

func TestASecondProcessIsKeptFromACursorFile(t *testing.T) {
	_, client := startBroker(t)
	path := filepath.Join(t.TempDir(), "cursor")
	defer must(client.OpenStream(soon(t), &StreamOptions{CursorFile: path}))(t).Close()
	program := filepath.Join(os.Getenv("TOCSIN_BUILD_DIR"), "client", "tocsin")
	said, err := exec.CommandContext(soon(t), program, "sub", "--server", client.Server, "--cursor", path).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "another process uses it") {
		t.Errorf("%v: %s", err, said)
	}
}

func TestWhoCommitsByHandSaysWhatIsHandled(t *testing.T) {
	_, client := startBroker(t)
	ctx := soon(t)
	appendNumbered(t, client, 0, 10)
	options := StreamOptions{From: FromFirst(), CommitsByHand: true, CursorFile: filepath.Join(t.TempDir(), "cursor"),
		Filters: []Filter{Category("TestEvent")}}
	stream := must(client.OpenStream(ctx, &options))(t)
	take(t, stream.Next, 3, nil)
	if err := stream.Commit(true); err != nil {
		t.Fatal(err)
	}
	take(t, stream.Next, 4, nil)
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	again := must(client.OpenStream(ctx, &options))(t)
	defer again.Close()
	m := must(again.Next(ctx))(t)
	expectEqual(t, "goes on with", m.Event.Snapshot, any(map[string]any{"number": int64(3)}))
}

func TestACursorOfAnotherLogIsAnError(t *testing.T) {
	_, client := startBroker(t)
	path := filepath.Join(t.TempDir(), "cursor")
	if err := os.WriteFile(path, []byte("tocsin-cursor 1 "+strings.Repeat("0", 32)+" 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(ctx context.Context) error {
		_, err := client.OpenStream(ctx, &StreamOptions{CursorFile: path})
		return err
	}
	if err := open(soon(t)); !errors.Is(err, ErrOtherLog) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("no cursor\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(soon(t)); !errors.Is(err, ErrCursor) {
		t.Error(err)
	}
}
