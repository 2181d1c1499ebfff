package tocsin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
	"github.com/vmihailenco/msgpack/v5"
)

// Null as an Event's Snapshot is a snapshot that is nil, which is not the same as none.
type Null struct{}

// MarshalJSON writes null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// appendValue writes a snapshot. Plain values are written here; structs and all else by the msgpack package, with the
// names of `msgpack` tags, else of `json` tags.
func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil, Null:
		return wire.AppendNil(b), nil
	case bool:
		return wire.AppendBool(b, v), nil
	case int:
		return wire.AppendInt(b, int64(v)), nil
	case int64:
		return wire.AppendInt(b, v), nil
	case uint64:
		return wire.AppendUint(b, v), nil
	case float64:
		return wire.AppendFloat(b, v), nil
	case string:
		return wire.AppendStr(b, v), nil
	case json.Number:
		return appendNumber(b, v)
	case []any:
		return appendSlice(b, v)
	case map[string]any:
		return appendMap(b, v)
	}
	return appendOther(b, value)
}

func appendSlice(b []byte, values []any) (_ []byte, err error) {
	b = wire.AppendArray(b, len(values))
	for _, value := range values {
		if b, err = appendValue(b, value); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendMap(b []byte, values map[string]any) (_ []byte, err error) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	b = wire.AppendMap(b, len(names))
	for _, name := range names {
		if b, err = appendValue(wire.AppendStr(b, name), values[name]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendNumber(b []byte, number json.Number) ([]byte, error) {
	value, err := parseNumber(number.String())
	if err != nil {
		return nil, err
	}
	return appendValue(b, value)
}

func appendOther(b []byte, value any) ([]byte, error) {
	r := reflect.ValueOf(value)
	switch r.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return wire.AppendInt(b, r.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return wire.AppendUint(b, r.Uint()), nil
	case reflect.Float32:
		return wire.AppendFloat(b, r.Float()), nil
	}
	buffer := bytes.NewBuffer(b)
	encoder := msgpack.NewEncoder(buffer)
	encoder.UseCompactInts(true)
	encoder.SetSortMapKeys(true)
	encoder.SetCustomStructTag("json")
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("%w: the snapshot: %v", ErrInvalid, err)
	}
	return buffer.Bytes(), nil
}

// parseNumber reads a number of JSON: an integer exactly where it has neither point nor exponent, else a float64.
func parseNumber(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(value, 0) {
			return nil, fmt.Errorf("%w: the number %s", ErrInvalid, text)
		}
		return value, nil
	}
	if value, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value, nil
	}
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: the number %s is beyond 64 bits", ErrInvalid, text)
	}
	return value, nil
}

// readValue reads a value that was judged: nil (as nil), bool, int64, uint64 above that, float64, string, []any,
// map[string]any.
func readValue(r *wire.Reader) any {
	var t wire.Token
	switch r.Next(&t) {
	case wire.Bool:
		return t.Bool
	case wire.Uint:
		if t.Uint > math.MaxInt64 {
			return t.Uint
		}
		return int64(t.Uint)
	case wire.Int:
		return t.Int
	case wire.Float:
		return t.Float
	case wire.Str:
		return string(t.Bytes)
	case wire.Array:
		values := make([]any, 0, t.Count)
		for i := t.Count; i > 0; i-- {
			values = append(values, readValue(r))
		}
		return values
	case wire.Map:
		values := make(map[string]any, t.Count)
		for i := t.Count; i > 0; i-- {
			name, _ := r.ReadStr()
			values[string(name)] = readValue(r)
		}
		return values
	}
	return nil
}

// fromJSON makes plain values of what a json.Decoder with UseNumber gives.
func fromJSON(value any) (_ any, err error) {
	switch v := value.(type) {
	case json.Number:
		return parseNumber(v.String())
	case []any:
		for i := range v {
			if v[i], err = fromJSON(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range v {
			if v[name], err = fromJSON(v[name]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// appendJSON writes a plain value: floats always with a point or an exponent, so that they come back as floats.
func appendJSON(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case float64:
		return appendJSONFloat(b, v), nil
	case []any:
		return appendJSONSlice(b, v)
	case map[string]any:
		return appendJSONMap(b, v)
	}
	text, err := json.Marshal(value)
	return append(b, text...), err
}

func appendJSONFloat(b []byte, value float64) []byte {
	text := strconv.FormatFloat(value, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return append(b, text...)
}

func appendJSONSlice(b []byte, values []any) (_ []byte, err error) {
	b = append(b, '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendJSON(b, value); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendJSONMap(b []byte, values map[string]any) (_ []byte, err error) {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		text, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		if b, err = appendJSON(append(append(b, text...), ':'), values[name]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func readerOf(data []byte) *wire.Reader { return &wire.Reader{Bytes: data} }
