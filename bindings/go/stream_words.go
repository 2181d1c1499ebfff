package tocsin

import "github.com/tocsin/tocsin/bindings/go/internal/wire"

const (
	prefixesMost = 1000
	typesMost    = 256
)

// openMessage asks for a stream.
func (c *streamCore) openMessage(from From, latest bool) []byte {
	b := wire.AppendUint(wire.AppendStr(wire.AppendArray(nil, 3), "open"), 1)
	b = from.append(wire.AppendStr(wire.AppendMap(b, 6), "from"))
	b = appendPrefixes(wire.AppendStr(b, "filters"), c.wanted.prefixes())
	level := max(c.wanted.minLevel, Trace)
	b = wire.AppendStr(wire.AppendStr(b, "level"), level.String())
	types := c.wanted.types
	if len(types) > typesMost {
		types = nil
	}
	b = wire.AppendArray(wire.AppendStr(b, "types"), len(types))
	for _, name := range types {
		b = wire.AppendStr(b, name)
	}
	b = wire.AppendBool(wire.AppendStr(b, "latest"), latest)
	return wire.AppendBool(wire.AppendStr(b, "follow"), c.follow)
}

// appendPrefixes: as bin, which holds any bytes. Too many of them are everything; the client sorts out.
func appendPrefixes(b []byte, prefixes []string) []byte {
	if len(prefixes) > prefixesMost {
		prefixes = nil
	}
	b = wire.AppendArray(b, len(prefixes))
	for _, prefix := range prefixes {
		b = wire.AppendBin(b, []byte(prefix))
	}
	return b
}

func creditMessage(bytes uint64) []byte {
	return wire.AppendUint(wire.AppendStr(wire.AppendArray(nil, 2), "credit"), bytes)
}

func verbMessage(verb string) []byte { return wire.AppendStr(wire.AppendArray(nil, 1), verb) }

// answer is the head of a message; false for what is none.
func answer(message []byte) (r wire.Reader, verb string, count uint32, ok bool) {
	r = wire.Reader{Bytes: message}
	count, ok = r.ReadArray()
	word, isStr := r.ReadStr()
	return r, string(word), count, ok && isStr
}
