package tocsin

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// LogOptions of a LogHandler; the zero value of each is its default.
type LogOptions struct {
	Category string       // LogEvent
	Type     string       // LogRecord
	SourceID string       // the program's name for itself; "log"
	MinLevel slog.Leveler // slog.LevelInfo
}

// A LogHandler is an slog.Handler that publishes records as events: the message is the summary, the attributes are the
// snapshot, and the level is the nearest one.
type LogHandler struct {
	publisher *Publisher
	options   LogOptions
	groups    []string
	attrs     []placed
}

type placed struct {
	groups []string
	attr   slog.Attr
}

// NewLogHandler makes one on a publisher, which stays the caller's.
func NewLogHandler(publisher *Publisher, options *LogOptions) *LogHandler {
	h := &LogHandler{publisher: publisher}
	if options != nil {
		h.options = *options
	}
	for _, o := range [...]struct {
		value    *string
		fallback string
	}{{&h.options.Category, "LogEvent"}, {&h.options.Type, "LogRecord"}, {&h.options.SourceID, "log"}} {
		if *o.value == "" {
			*o.value = o.fallback
		}
	}
	return h
}

// Enabled tells whether records of the level are published.
func (h *LogHandler) Enabled(_ context.Context, level slog.Level) bool {
	least := slog.LevelInfo
	if h.options.MinLevel != nil {
		least = h.options.MinLevel.Level()
	}
	return level >= least
}

// Handle publishes a record.
func (h *LogHandler) Handle(ctx context.Context, record slog.Record) error {
	event := Event{Level: levelOf(record.Level), Category: h.options.Category, Type: h.options.Type,
		SourceID: h.options.SourceID, Summary: oneLine(record.Message)}
	if !record.Time.IsZero() {
		event.Time = FormatTime(record.Time)
	}
	values := map[string]any{}
	for _, p := range h.attrs {
		put(values, p.groups, p.attr)
	}
	record.Attrs(func(attr slog.Attr) bool {
		put(values, h.groups, attr)
		return true
	})
	if len(values) > 0 {
		event.Snapshot = values
	}
	return h.publisher.Publish(ctx, event)
}

// WithAttrs and WithGroup are those of slog.Handler.
func (h *LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.attrs = append([]placed{}, h.attrs...)
	for _, attr := range attrs {
		next.attrs = append(next.attrs, placed{h.groups, attr})
	}
	return &next
}

// WithGroup nests what comes.
func (h *LogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	next := *h
	next.groups = append(append([]string{}, h.groups...), name)
	return &next
}

func levelOf(level slog.Level) Level {
	switch {
	case level < slog.LevelDebug:
		return Trace
	case level < slog.LevelInfo:
		return Debug
	case level < slog.LevelWarn:
		return Info
	case level < slog.LevelError:
		return Warning
	}
	return Error
}

// oneLine is the text as a summary may be: one line without control characters, cut to what is allowed.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	if len(text) > MaxSummary {
		end := MaxSummary
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return text
}

func put(values map[string]any, groups []string, attr slog.Attr) {
	value := attr.Value.Resolve()
	if attr.Key == "" && value.Kind() != slog.KindGroup {
		return
	}
	if value.Kind() == slog.KindGroup && attr.Key != "" {
		groups = append(append([]string{}, groups...), attr.Key)
	}
	if value.Kind() == slog.KindGroup {
		for _, inner := range value.Group() {
			put(values, groups, inner)
		}
		return
	}
	for _, group := range groups {
		inner, ok := values[clean(group)].(map[string]any)
		if !ok {
			inner = map[string]any{}
			values[clean(group)] = inner
		}
		values = inner
	}
	values[clean(attr.Key)] = plain(value)
}

func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// plain is the value as a snapshot can hold it.
func plain(value slog.Value) any {
	switch value.Kind() {
	case slog.KindBool:
		return value.Bool()
	case slog.KindInt64:
		return value.Int64()
	case slog.KindUint64:
		return value.Uint64()
	case slog.KindFloat64:
		if f := value.Float64(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	case slog.KindTime:
		return value.Time().Format(time.RFC3339Nano)
	case slog.KindAny:
		return plainAny(value.Any())
	}
	return clean(value.String())
}

// plainAny: errors and stringers as their text, all else as its JSON, and what has none as it prints.
func plainAny(value any) any {
	switch v := value.(type) {
	case error:
		return clean(v.Error())
	case fmt.Stringer:
		return clean(v.String())
	}
	text, err := json.Marshal(value)
	if err == nil {
		var out any
		decoder := json.NewDecoder(strings.NewReader(clean(string(text))))
		decoder.UseNumber()
		if err = decoder.Decode(&out); err == nil {
			if out, err = fromJSON(out); err == nil && out != nil {
				if data, err := appendValue(nil, out); err == nil && judgeValue(readerOf(data)) == "" {
					return out
				}
			}
		}
	}
	return clean(fmt.Sprint(value))
}
