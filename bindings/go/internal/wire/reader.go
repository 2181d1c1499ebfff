// Package wire reads and writes MessagePack token by token. What it reads comes from outside: a length or a count is
// believed only as far as there are bytes for it, and nothing is allocated for it.
package wire

import (
	"encoding/binary"
	"math"
)

// Kind is what a token is.
type Kind uint8

// End is no token: the bytes are over, cut short, or the byte 0xc1.
const (
	End Kind = iota
	Nil
	Bool
	Uint
	Int // below zero; all others are Uint
	Float
	Str
	Bin
	Ext
	Array
	Map
)

// A Token is one scalar, or the head of an array or a map. Bytes point into what is read.
type Token struct {
	Kind  Kind
	Bool  bool
	Count uint32 // Array: items; Map: pairs
	Uint  uint64
	Int   int64
	Float float64
	Bytes []byte
}

// A Reader stands at a place in bytes.
type Reader struct {
	Bytes []byte
	At    int
}

// Left is how many bytes there still are.
func (r *Reader) Left() int { return len(r.Bytes) - r.At }

func number(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.BigEndian.Uint16(b))
	case 4:
		return uint64(binary.BigEndian.Uint32(b))
	}
	return binary.BigEndian.Uint64(b)
}

// sized reads the `size` bytes of a number behind the tag.
func (r *Reader) sized(size int) (uint64, bool) {
	if r.Left() < 1+size {
		return 0, false
	}
	return number(r.Bytes[r.At+1 : r.At+1+size]), true
}

func (r *Reader) take(t *Token, kind Kind, head int, count uint64) Kind {
	if uint64(r.Left()-head) < count {
		return r.end(t)
	}
	t.Kind, t.Bytes = kind, r.Bytes[r.At+head:r.At+head+int(count)]
	r.At += head + int(count)
	return kind
}

func (r *Reader) end(t *Token) Kind {
	t.Kind = End
	return End
}

// items: each takes a byte at least.
func (r *Reader) items(t *Token, kind Kind, head int, count uint64) Kind {
	least := count
	if kind == Map {
		least = 2 * count
	}
	if uint64(r.Left()-head) < least {
		return r.end(t)
	}
	t.Kind, t.Count = kind, uint32(count)
	r.At += head
	return kind
}

func (r *Reader) long(t *Token, kind Kind, size int) Kind {
	count, ok := r.sized(size)
	if !ok {
		return r.end(t)
	}
	switch kind {
	case Array, Map:
		return r.items(t, kind, 1+size, count)
	case Ext:
		if r.Left() < 2+size {
			return r.end(t)
		}
		return r.take(t, kind, 2+size, count)
	}
	return r.take(t, kind, 1+size, count)
}

func (r *Reader) number(t *Token, kind Kind, size int) Kind {
	bits, ok := r.sized(size)
	if !ok {
		return r.end(t)
	}
	r.At += 1 + size
	switch {
	case kind == Float && size == 4:
		t.Float = float64(math.Float32frombits(uint32(bits)))
	case kind == Float:
		t.Float = math.Float64frombits(bits)
	case kind == Uint:
		t.Uint = bits
	default:
		shift := 64 - 8*size
		t.Int = int64(bits<<shift) >> shift
		if t.Int >= 0 {
			kind, t.Uint = Uint, uint64(t.Int)
		}
	}
	t.Kind = kind
	return kind
}

func (r *Reader) one(t *Token, kind Kind) Kind {
	r.At++
	t.Kind = kind
	return kind
}

// Next reads one token. After End the reader stands where it stood.
func (r *Reader) Next(t *Token) Kind {
	if r.At >= len(r.Bytes) {
		return r.end(t)
	}
	tag := r.Bytes[r.At]
	switch {
	case tag < 0x80:
		t.Uint = uint64(tag)
		return r.one(t, Uint)
	case tag < 0x90:
		return r.items(t, Map, 1, uint64(tag&0x0f))
	case tag < 0xa0:
		return r.items(t, Array, 1, uint64(tag&0x0f))
	case tag < 0xc0:
		return r.take(t, Str, 1, uint64(tag&0x1f))
	case tag >= 0xe0:
		t.Int = int64(int8(tag))
		return r.one(t, Int)
	}
	switch tag {
	case 0xc0:
		return r.one(t, Nil)
	case 0xc2, 0xc3:
		t.Bool = tag == 0xc3
		return r.one(t, Bool)
	case 0xc4, 0xc5, 0xc6:
		return r.long(t, Bin, 1<<(tag-0xc4))
	case 0xc7, 0xc8, 0xc9:
		return r.long(t, Ext, 1<<(tag-0xc7))
	case 0xca, 0xcb:
		return r.number(t, Float, 4<<(tag-0xca))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return r.number(t, Uint, 1<<(tag-0xcc))
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return r.number(t, Int, 1<<(tag-0xd0))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		if r.Left() < 2 {
			return r.end(t)
		}
		return r.take(t, Ext, 2, 1<<(tag-0xd4))
	case 0xd9, 0xda, 0xdb:
		return r.long(t, Str, 1<<(tag-0xd9))
	case 0xdc, 0xdd:
		return r.long(t, Array, 2<<(tag-0xdc))
	case 0xde, 0xdf:
		return r.long(t, Map, 2<<(tag-0xde))
	}
	return r.end(t) // 0xc1
}

// Skip steps over one whole value, however deep; false where it cannot be read to its end.
func (r *Reader) Skip() bool {
	var t Token
	for wanted := uint64(1); wanted > 0; wanted-- {
		switch r.Next(&t) {
		case End:
			return false
		case Array:
			wanted += uint64(t.Count)
		case Map:
			wanted += 2 * uint64(t.Count)
		}
	}
	return true
}

func (r *Reader) typed(t *Token, kind Kind) bool {
	before := r.At
	if r.Next(t) == kind {
		return true
	}
	r.At = before
	return false
}

// ReadArray, ReadMap, ReadUint and ReadStr read what they say, or nothing.
func (r *Reader) ReadArray() (uint32, bool) {
	var t Token
	ok := r.typed(&t, Array)
	return t.Count, ok
}

func (r *Reader) ReadMap() (uint32, bool) {
	var t Token
	ok := r.typed(&t, Map)
	return t.Count, ok
}

func (r *Reader) ReadUint() (uint64, bool) {
	var t Token
	ok := r.typed(&t, Uint)
	return t.Uint, ok
}

func (r *Reader) ReadStr() ([]byte, bool) {
	var t Token
	ok := r.typed(&t, Str)
	return t.Bytes, ok
}
