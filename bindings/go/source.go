package tocsin

import (
	"fmt"
	"strings"
)

// A Source is a sourceId taken apart. OvenMediaEngine writes `#vhost#app` and `#vhost#app/stream`; whatever else there is
// is a name: a server id, a virtual host or anyone's own.
type Source struct {
	Name   string // where it is a name: the whole text
	VHost  string
	App    string
	Stream string // everything behind the first '/' after the app
}

// ParseSource takes a sourceId apart. It never fails: what is no application and no stream is a name.
func ParseSource(sourceID string) Source {
	name := Source{Name: sourceID}
	rest, ok := strings.CutPrefix(sourceID, "#")
	if !ok {
		return name
	}
	vhost, app, ok := strings.Cut(rest, "#")
	if !ok || vhost == "" || app == "" {
		return name
	}
	app, stream, hasStream := strings.Cut(app, "/")
	if app == "" || hasStream && stream == "" {
		return name
	}
	return Source{VHost: vhost, App: app, Stream: stream}
}

// AppID makes `#vhost#app`. A '#' in a part becomes '_', as OvenMediaEngine does it.
func AppID(vhost, app string) (string, error) { return makeSource(vhost, app, nil) }

// StreamID makes `#vhost#app/stream`. The stream's name stays as it is.
func StreamID(vhost, app, stream string) (string, error) { return makeSource(vhost, app, &stream) }

func makeSource(vhost, app string, stream *string) (string, error) {
	id := "#" + strings.ReplaceAll(vhost, "#", "_") + "#" + strings.ReplaceAll(app, "#", "_")
	if stream != nil {
		id += "/" + *stream
	}
	if vhost == "" || app == "" || stream != nil && *stream == "" || len(id) > MaxSourceID {
		return "", fmt.Errorf("%w: a part of the source is empty, or all is longer than %d bytes", ErrInvalid, MaxSourceID)
	}
	return id, nil
}
