package tocsin

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
	"golang.org/x/crypto/blake2b"
)

type verdictCase struct {
	Consumed    int
	Code, Field string
}

type vector struct {
	verdictCase
	Name, Bytes, Topic, Log string
	MaxEventBytes           int `json:"max_event_bytes"`
	Verdicts                []verdictCase
	LogID                   string `json:"log_id"`
	Start, End              string
	Lines                   []struct {
		Bytes, Record, Line string
		Seq, Prev           json.Number
		ReceivedUS          json.Number `json:"received_us"`
	}
}

// eachVector runs a test for every case of a folder of proto/vectors.
func eachVector(t *testing.T, folder string, least int, check func(*testing.T, vector)) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "proto", "vectors", folder, "*.json"))
	if err != nil || len(paths) < least {
		t.Fatalf("%d cases in %s: %v", len(paths), folder, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var v vector
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if v.MaxEventBytes == 0 {
			v.MaxEventBytes = MaxEventBytes
		}
		t.Run(v.Name, func(t *testing.T) { check(t, v) })
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// plainJSON is the text as the values that a snapshot has.
func plainJSON(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	value, err := fromJSON(value)
	if err != nil {
		t.Fatal(err)
	}
	return value.(map[string]any)
}

// members is the event as a plain map.
func members(e Event) map[string]any {
	out := map[string]any{"level": e.Level.String(), "category": e.Category, "type": e.Type, "sourceId": e.SourceID,
		"summary": e.Summary}
	if e.Time != "" {
		out["time"] = e.Time
	}
	if e.Cause != "" {
		out["cause"] = e.Cause
	}
	if e.Snapshot == (any)(Null{}) {
		out["snapshot"] = nil
	} else if e.Snapshot != nil {
		out["snapshot"] = e.Snapshot
	}
	return out
}

func expectEqual(t *testing.T, what string, found, wanted any) {
	t.Helper()
	if !reflect.DeepEqual(found, wanted) {
		t.Errorf("%s:\n  is     %#v\n  not    %#v", what, found, wanted)
	}
}

func TestEveryValidEventIsReadAndGoesRound(t *testing.T) {
	eachVector(t, "valid", 200, func(t *testing.T, v vector) {
		data := unhex(t, v.Bytes)
		event, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "topic", event.Topic(), v.Topic)
		expectEqual(t, "event", members(event), plainJSON(t, v.Log))

		again, err := event.Encode()
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := Decode(again)
		if err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "event written and read", members(decoded), members(event))

		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "JSON", plainJSON(t, string(text)), plainJSON(t, v.Log))
		var parsed Event
		if err := json.Unmarshal([]byte(v.Log), &parsed); err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "event of JSON", members(parsed), members(event))
	})
}

func expectVerdict(t *testing.T, consumed int, refusal *Refusal, wanted verdictCase) {
	t.Helper()
	found := verdictCase{consumed, "accepted", ""}
	if refusal != nil {
		found.Code, found.Field = string(refusal.Code), refusal.Field
	}
	if wanted.Code == "" {
		wanted.Code = "accepted"
	}
	if found != wanted {
		t.Errorf("%+v, not %+v", found, wanted)
	}
}

func TestEveryBadEventIsRefusedWithItsCodeAndField(t *testing.T) {
	eachVector(t, "refused", 500, func(t *testing.T, v vector) {
		var parts view
		consumed, refusal := judge(unhex(t, v.Bytes), v.MaxEventBytes, &parts)
		expectVerdict(t, consumed, refusal, v.verdictCase)
	})
}

func TestEveryFrameIsJudgedValueByValue(t *testing.T) {
	eachVector(t, "frames", 30, func(t *testing.T, v vector) {
		data := unhex(t, v.Bytes)
		for i, wanted := range v.Verdicts {
			var parts view
			consumed, refusal := judge(data, v.MaxEventBytes, &parts)
			expectVerdict(t, consumed, refusal, wanted)
			data = data[consumed:]
			isLast := len(data) == 0 || refusal != nil && refusal.Code == CodeMalformed
			if isLast != (i == len(v.Verdicts)-1) {
				t.Fatalf("ends after %d values", i+1)
			}
		}
	})
}

func TestEveryRecordIsReadAsItsLineSays(t *testing.T) {
	eachVector(t, "log", 5, func(t *testing.T, v vector) {
		chain := blake2b.Sum256([]byte("tocsin-log-1" + v.LogID))
		expectEqual(t, "start", hex.EncodeToString(chain[:]), v.Start)
		for _, line := range v.Lines {
			r := wire.Reader{Bytes: unhex(t, line.Record)}
			var found record
			if !readRecord(&r, MaxEventBytes, &found) || r.Left() > 0 {
				t.Fatalf("seq %s: no record", line.Seq)
			}
			wanted := plainJSON(t, line.Line)
			place := []any{}
			for _, number := range [...]uint64{found.seq, found.prev} {
				value, _ := parseNumber(json.Number(jsonOf(t, number)).String())
				place = append(place, value)
			}
			expectEqual(t, "place", place, []any{wanted["seq"], wanted["prev"]})
			expectEqual(t, "received", formatReceived(found.receivedUS), wanted["received"])
			for _, name := range [...]string{"seq", "prev", "received", "producer", "n", "batch", "hash"} {
				delete(wanted, name)
			}
			event := found.view.event()
			expectEqual(t, "event", members(event), wanted)
			covered := line.Line[:strings.LastIndex(line.Line, `,"hash":"`)]
			chain = blake2b.Sum256(append(chain[:], covered...))
		}
		expectEqual(t, "end", hex.EncodeToString(chain[:]), v.End)
	})
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnyMessagePackOfASnapshotStructIsPlain(t *testing.T) {
	type track struct {
		Name  string `json:"name"`
		Width int32  `json:"width,omitempty"`
	}
	event := Event{Level: Info, Category: "C", Type: "T", SourceID: "s", Snapshot: map[string]any{
		"tracks": []track{{"video", 1920}, {"audio", 0}}, "f": float32(0.5), "u": uint16(7)}}
	data, err := event.Encode()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	expectEqual(t, "snapshot", decoded.Snapshot, map[string]any{"f": 0.5, "u": int64(7), "tracks": []any{
		map[string]any{"name": "video", "width": int64(1920)}, map[string]any{"name": "audio"}}})
	var back struct {
		Tracks []track `json:"tracks"`
	}
	if err := decoded.DecodeSnapshot(&back); err != nil || len(back.Tracks) != 2 || back.Tracks[0].Width != 1920 {
		t.Fatalf("%v %v", back, err)
	}
	if _, err := (&Event{Level: Info, Category: "C", Type: "T", SourceID: "s", Snapshot: []byte{1}}).Encode(); err == nil {
		t.Error("bin was accepted")
	}
}
