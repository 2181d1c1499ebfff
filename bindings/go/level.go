package tocsin

import "fmt"

// A Level is how severe an event is. The zero value is no level.
type Level int

// The levels, in order of rising severity.
const (
	Trace Level = iota + 1
	Debug
	Info
	Warning
	Error
)

var levelWords = [...]string{Trace: "Trace", Debug: "Debug", Info: "Info", Warning: "Warning", Error: "Error"}

// String is the protocol's word, "Warning".
func (l Level) String() string {
	if l < Trace || l > Error {
		return fmt.Sprintf("Level(%d)", int(l))
	}
	return levelWords[l]
}

// ParseLevel reads the protocol's word, exactly so; false for any other text.
func ParseLevel(word string) (Level, bool) {
	for level := Trace; level <= Error; level++ {
		if levelWords[level] == word {
			return level, true
		}
	}
	return 0, false
}
