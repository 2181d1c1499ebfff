package tocsin

import (
	"fmt"
	"strings"
)

type filterKind int

const (
	everything filterKind = iota
	ofCategory
	ofSource
	ofSubtree
	ofPrefix
)

// A Filter says which topics one wants. An empty category is any: the broker then sends everything, and the client sorts
// out.
type Filter struct {
	kind     filterKind
	category string
	source   string
}

// Everything takes all topics.
func Everything() Filter { return Filter{} }

// Category takes all of a category.
func Category(category string) Filter { return Filter{ofCategory, category, ""} }

// SourceIs takes exactly one source, and not `cam2` for `cam`.
func SourceIs(category, sourceID string) Filter { return Filter{ofSource, category, sourceID} }

// Subtree takes a source and all below it: SOURCE/…, and for a virtual host its applications, #SOURCE#….
func Subtree(category, sourceID string) Filter { return Filter{ofSubtree, category, sourceID} }

// SourcePrefix takes the sources whose id begins so.
func SourcePrefix(category, prefix string) Filter { return Filter{ofPrefix, category, prefix} }

func (f Filter) check() error {
	if f.kind == everything {
		return nil
	}
	if f.category != "" && judgeToken([]byte(f.category), MaxCategory) != "" || f.kind == ofCategory && f.category == "" {
		return fmt.Errorf("%w: the category %q", ErrInvalid, f.category)
	}
	if len(f.source) > MaxSourceID || f.source == "" && (f.kind == ofSource || f.kind == ofSubtree) {
		return fmt.Errorf("%w: the source %q", ErrInvalid, f.source)
	}
	return nil
}

func (f Filter) takes(category, source string) bool {
	if f.category != "" && category != f.category {
		return false
	}
	switch f.kind {
	case ofSource:
		return source == f.source
	case ofSubtree:
		return isInSubtree(f.source, source)
	case ofPrefix:
		return strings.HasPrefix(source, f.source)
	}
	return true
}

func isInSubtree(root, source string) bool {
	if rest, ok := strings.CutPrefix(source, root); ok && (rest == "" || rest[0] == '/') {
		return true
	}
	return ParseSource(root).Name != "" && len(source) >= len(root)+2 && strings.HasPrefix(source, "#"+root+"#")
}

// prefixes are what the broker is asked for.
func (f Filter) prefixes() []string {
	head := f.category + "/"
	switch f.kind {
	case ofSource:
		return []string{head + f.source + "\x00"}
	case ofSubtree:
		out := []string{head + f.source + "\x00", head + f.source + "/"}
		if ParseSource(f.source).Name != "" {
			out = append(out, head+"#"+f.source+"#")
		}
		return out
	}
	return []string{head + f.source}
}

// wanted is which events one wants.
type wanted struct {
	filters, exclude []Filter
	types            []string
	minLevel         Level
}

func newWanted(filters, exclude []Filter, types []string, minLevel Level) (*wanted, error) {
	if len(filters) == 0 {
		filters = []Filter{Everything()}
	}
	for _, list := range [...][]Filter{filters, exclude} {
		for _, f := range list {
			if err := f.check(); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range types {
		if len(name) == 0 || len(name) > MaxType {
			return nil, fmt.Errorf("%w: the type %q", ErrInvalid, name)
		}
	}
	if minLevel < 0 || minLevel > Error {
		return nil, fmt.Errorf("%w: %v", ErrInvalid, minLevel)
	}
	return &wanted{filters, exclude, types, minLevel}, nil
}

// isEverything: every topic is taken, so each seq is seen.
func (w *wanted) isEverything() bool {
	for _, f := range w.filters {
		if f.kind == everything {
			return len(w.exclude) == 0
		}
	}
	return false
}

// prefixes are what the broker is asked for; nil: everything.
func (w *wanted) prefixes() []string {
	var out []string
	for _, f := range w.filters {
		if f.kind == everything || f.category == "" {
			return nil
		}
		out = append(out, f.prefixes()...)
	}
	return out
}

func contains(filters []Filter, topic string) bool {
	category, source, ok := strings.Cut(topic, "/")
	if !ok {
		return false
	}
	for _, f := range filters {
		if f.takes(category, source) {
			return true
		}
	}
	return false
}

func (w *wanted) takesTopic(topic string) bool {
	return contains(w.filters, topic) && !contains(w.exclude, topic)
}

func (w *wanted) takes(v *view, topic string) bool {
	return w.takesRest(v) && w.takesTopic(topic)
}

// takesRest: its level and its type.
func (w *wanted) takesRest(v *view) bool {
	if v.level < w.minLevel {
		return false
	}
	for _, name := range w.types {
		if name == string(v.texts[keyType]) {
			return true
		}
	}
	return len(w.types) == 0
}
