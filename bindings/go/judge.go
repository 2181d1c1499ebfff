package tocsin

import (
	"bytes"
	"math"
	"unicode/utf8"

	"github.com/tocsin/tocsin/bindings/go/internal/wire"
)

// The limits of PROTOCOL.md section 1, in bytes.
const (
	MaxCategory = 64
	MaxType     = 128
	MaxSourceID = 128
	MaxSummary  = 8192
	MaxCause    = 128
	MaxDepth    = 32
	MaxTopic    = 200
	// MaxEventBytes is the broker's default for a whole event.
	MaxEventBytes = 1 << 20

	maxField = 128
)

type key int

const (
	keyLevel key = iota
	keyCategory
	keyType
	keySourceID
	keySummary
	keyTime
	keyCause
	keySnapshot
	keyCount

	requiredMask = 1<<keyTime - 1
)

var keyNames = [keyCount]string{"level", "category", "type", "sourceId", "summary", "time", "cause", "snapshot"}

// A view is an event's parts within its bytes.
type view struct {
	level    Level
	texts    [keyCount][]byte
	snapshot []byte // nil: none
}

func (v *view) topic() string {
	return string(v.texts[keyCategory]) + "/" + string(v.texts[keySourceID])
}

// judge reads the event at the head of `data` as a broker does: how many bytes it takes, 0 where it is malformed, and
// why it is refused, nil where nothing is wrong.
func judge(data []byte, maxBytes int, v *view) (consumed int, refusal *Refusal) {
	r := wire.Reader{Bytes: data}
	*v = view{}
	var left uint64
	if pairs, ok := r.ReadMap(); ok {
		var unread uint32
		refusal, unread = judgePairs(&r, pairs, v)
		left = 2 * uint64(unread)
	} else {
		refusal, left = &Refusal{Code: CodeType}, 1
	}
	for ; left > 0; left-- {
		if !r.Skip() {
			return 0, &Refusal{Code: CodeMalformed}
		}
	}
	if r.At > maxBytes {
		refusal = &Refusal{Code: CodeLength}
	}
	return r.At, refusal
}

// judgePairs reads pairs until one is at fault; then the reader stands before that pair, which is counted as unread.
func judgePairs(r *wire.Reader, pairs uint32, v *view) (*Refusal, uint32) {
	seen := 0
	for left := pairs; left > 0; left-- {
		before := r.At
		k, refusal := judgeKey(r, seen)
		if refusal == nil {
			seen |= 1 << k
			if code := judgeMember(r, k, v); code != "" {
				refusal = &Refusal{Code: code, Field: keyNames[k]}
			}
		}
		if refusal != nil {
			r.At = before
			return refusal, left
		}
	}
	for k := keyLevel; k <= keySummary; k++ {
		if seen&(1<<k) == 0 {
			return &Refusal{Code: CodeMissing, Field: keyNames[k]}, 0
		}
	}
	return nil, 0
}

func keyOf(name []byte) key {
	for k, known := range keyNames {
		if string(name) == known {
			return key(k)
		}
	}
	return keyCount
}

func judgeKey(r *wire.Reader, seen int) (key, *Refusal) {
	var t wire.Token
	switch r.Next(&t) {
	case wire.Str:
	case wire.End:
		return keyCount, &Refusal{Code: CodeMalformed}
	default:
		return keyCount, &Refusal{Code: CodeUnsupported}
	}
	k := keyOf(t.Bytes)
	if k == keyCount {
		if code := judgeStr(t.Bytes); code != "" {
			return k, &Refusal{Code: code}
		}
		return k, &Refusal{Code: CodeUnknown, Field: cutName(t.Bytes)}
	}
	if seen&(1<<k) != 0 {
		return k, &Refusal{Code: CodeDuplicate, Field: keyNames[k]}
	}
	return k, nil
}

// cutName is as much of an unknown key's name as an answer needs to carry: whole characters.
func cutName(name []byte) string {
	if len(name) > maxField {
		end := maxField
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end]
	}
	return string(name)
}

func judgeMember(r *wire.Reader, k key, v *view) Code {
	if k == keySnapshot {
		before := r.At
		code := judgeValue(r)
		v.snapshot = r.Bytes[before:r.At]
		return code
	}
	var t wire.Token
	switch r.Next(&t) {
	case wire.Str:
	case wire.End:
		return CodeMalformed
	default:
		return CodeType
	}
	v.texts[k] = t.Bytes
	switch k {
	case keyLevel:
		level, ok := ParseLevel(string(t.Bytes))
		v.level = level
		return orFault(ok, t.Bytes)
	case keyTime:
		return orFault(isTime(t.Bytes), t.Bytes)
	case keyCategory:
		return judgeToken(t.Bytes, MaxCategory)
	case keySourceID:
		return judgeLine(t.Bytes, 1, MaxSourceID)
	case keySummary:
		return judgeLine(t.Bytes, 0, MaxSummary)
	}
	return judgeToken(t.Bytes, MaxType) // type and cause
}

// orFault names what is wrong with a text that does not have its form.
func orFault(ok bool, text []byte) Code {
	if ok {
		return ""
	}
	if code := judgeStr(text); code != "" {
		return code
	}
	return CodeValue
}

func judgeStr(text []byte) Code {
	if !utf8.Valid(text) {
		return CodeUTF8
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return CodeUnsupported
	}
	return ""
}

func isTokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'
}

func judgeToken(text []byte, limit int) Code {
	if len(text) == 0 || len(text) > limit {
		return CodeLength
	}
	for _, c := range text {
		if !isTokenByte(c) {
			return orFault(false, text)
		}
	}
	return ""
}

func judgeLine(text []byte, least, limit int) Code {
	if len(text) < least || len(text) > limit {
		return CodeLength
	}
	if !utf8.Valid(text) {
		return CodeUTF8
	}
	ok := true
	for i, c := range text {
		isControl := c < 0x20 || c == 0x7f || c == 0xc2 && i+1 < len(text) && text[i+1] < 0xa0
		if isControl {
			ok = false
			break
		}
	}
	return orFault(ok, text)
}

// A frame of the walk through a snapshot. Keys of a small map are compared one by one, those of a large one hashed.
type frame struct {
	left  uint32
	isMap bool
	keys  [][]byte
	many  map[string]struct{}
}

const smallMap = 16

func (f *frame) isRepeated(name []byte) bool {
	if f.many != nil {
		_, found := f.many[string(name)]
		f.many[string(name)] = struct{}{}
		return found
	}
	for _, other := range f.keys {
		if bytes.Equal(other, name) {
			return true
		}
	}
	f.keys = append(f.keys, name)
	if len(f.keys) > smallMap {
		f.many = make(map[string]struct{})
		for _, other := range f.keys {
			f.many[string(other)] = struct{}{}
		}
	}
	return false
}

func judgeValue(r *wire.Reader) Code {
	var frames [MaxDepth]frame
	depth := 0
	code := judgeItem(r, &frames, &depth)
	for code == "" && depth > 0 {
		f := &frames[depth-1]
		if f.left == 0 {
			depth--
			continue
		}
		f.left--
		if f.isMap {
			code = judgeInnerKey(r, f)
		}
		if code == "" {
			code = judgeItem(r, &frames, &depth)
		}
	}
	return code
}

func judgeInnerKey(r *wire.Reader, f *frame) Code {
	var t wire.Token
	switch r.Next(&t) {
	case wire.Str:
	case wire.End:
		return CodeMalformed
	default:
		return CodeUnsupported
	}
	if code := judgeStr(t.Bytes); code != "" {
		return code
	}
	if f.isRepeated(t.Bytes) {
		return CodeDuplicate
	}
	return ""
}

func judgeItem(r *wire.Reader, frames *[MaxDepth]frame, depth *int) Code {
	var t wire.Token
	switch r.Next(&t) {
	case wire.End:
		return CodeMalformed
	case wire.Bin, wire.Ext:
		return CodeUnsupported
	case wire.Float:
		if math.IsNaN(t.Float) || math.IsInf(t.Float, 0) {
			return CodeUnsupported
		}
	case wire.Str:
		return judgeStr(t.Bytes)
	case wire.Array, wire.Map:
		if *depth == MaxDepth {
			return CodeDepth
		}
		f := &frames[*depth]
		f.left, f.isMap, f.keys, f.many = t.Count, t.Kind == wire.Map, f.keys[:0], nil
		*depth++
	}
	return ""
}
