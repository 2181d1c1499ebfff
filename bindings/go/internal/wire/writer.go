package wire

import (
	"encoding/binary"
	"math"
)

// AppendNil and those below append one token in its shortest form.
func AppendNil(b []byte) []byte { return append(b, 0xc0) }

func AppendBool(b []byte, value bool) []byte {
	if value {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}

func AppendUint(b []byte, value uint64) []byte {
	switch {
	case value < 0x80:
		return append(b, byte(value))
	case value <= math.MaxUint8:
		return append(b, 0xcc, byte(value))
	case value <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, 0xcd), uint16(value))
	case value <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), uint32(value))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcf), value)
}

func AppendInt(b []byte, value int64) []byte {
	switch {
	case value >= 0:
		return AppendUint(b, uint64(value))
	case value >= -32:
		return append(b, byte(value))
	case value >= math.MinInt8:
		return append(b, 0xd0, byte(value))
	case value >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(b, 0xd1), uint16(value))
	case value >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(value))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(value))
}

func AppendFloat(b []byte, value float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(value))
}

func AppendStr[T string | []byte](b []byte, value T) []byte {
	n := len(value)
	switch {
	case n < 32:
		b = append(b, 0xa0|byte(n))
	case n <= math.MaxUint8:
		b = append(b, 0xd9, byte(n))
	case n <= math.MaxUint16:
		b = binary.BigEndian.AppendUint16(append(b, 0xda), uint16(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, 0xdb), uint32(n))
	}
	return append(b, value...)
}

func AppendBin(b []byte, value []byte) []byte {
	n := len(value)
	switch {
	case n <= math.MaxUint8:
		b = append(b, 0xc4, byte(n))
	case n <= math.MaxUint16:
		b = binary.BigEndian.AppendUint16(append(b, 0xc5), uint16(n))
	default:
		b = binary.BigEndian.AppendUint32(append(b, 0xc6), uint32(n))
	}
	return append(b, value...)
}

func AppendArray(b []byte, count int) []byte { return appendItems(b, 0x90, 0xdc, count) }

func AppendMap(b []byte, pairs int) []byte { return appendItems(b, 0x80, 0xde, pairs) }

func appendItems(b []byte, short, long byte, count int) []byte {
	switch {
	case count < 16:
		return append(b, short|byte(count))
	case count <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, long), uint16(count))
	}
	return binary.BigEndian.AppendUint32(append(b, long+1), uint32(count))
}
