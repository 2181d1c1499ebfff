package tocsin

import (
	"context"
	"sync"
	"time"

	"github.com/tocsin/tocsin/bindings/go/internal/zmtp"
)

const (
	retryMin      = 100 * time.Millisecond
	retryMax      = 2 * time.Second
	writeDeadline = 10 * time.Second
)

// linkMaker knows where to connect to.
type linkMaker struct {
	endpoint string
	options  zmtp.Options
	queue    int      // messages that may wait to be taken
	says     [][]byte // said first on each connection
}

type linkEvent struct {
	kind    linkKind
	message []byte
	err     error
}

type linkKind int

const (
	linkTried     linkKind = iota // a try to connect failed for err; it is tried again
	linkConnected                 // the handshake is over
	linkMessage
	linkOver // the connection is, for err
)

// A link is one connection, from the first try to its end. What happens is on events, in order, ended by linkOver.
type link struct {
	events  chan linkEvent
	cancel  context.CancelFunc
	context context.Context
	lock    sync.Mutex
	conn    *zmtp.Conn
}

func (m *linkMaker) start() *link {
	ctx, cancel := context.WithCancel(context.Background())
	l := &link{events: make(chan linkEvent, m.queue), cancel: cancel, context: ctx}
	go l.run(m)
	return l
}

// tell hands an event over, unless nobody wants it any more.
func (l *link) tell(event linkEvent) bool {
	select {
	case l.events <- event:
		return true
	case <-l.context.Done():
		return false
	}
}

func (l *link) run(m *linkMaker) {
	conn := l.dial(m)
	if conn == nil {
		return
	}
	defer conn.Close()
	stop := context.AfterFunc(l.context, func() { conn.Close() })
	defer stop()
	for _, message := range m.says {
		if _, err := conn.Write(message); err != nil {
			l.tell(linkEvent{kind: linkOver, err: err})
			return
		}
	}
	l.lock.Lock()
	l.conn = conn
	l.lock.Unlock()
	if !l.tell(linkEvent{kind: linkConnected}) {
		return
	}
	for {
		message, err := conn.Read()
		if err != nil {
			l.tell(linkEvent{kind: linkOver, err: err})
			return
		}
		if !l.tell(linkEvent{kind: linkMessage, message: message}) {
			return
		}
	}
}

func (l *link) dial(m *linkMaker) *zmtp.Conn {
	for pause := retryMin; ; pause = min(2*pause, retryMax) {
		conn, err := zmtp.Dial(l.context, m.endpoint, m.options)
		if err == nil {
			return conn
		}
		if !l.tell(linkEvent{kind: linkTried, err: err}) {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-l.context.Done():
			return nil
		}
	}
}

// say sends a message; what cannot be sent ends the connection, which is told.
func (l *link) say(message []byte) {
	l.lock.Lock()
	conn := l.conn
	l.lock.Unlock()
	if conn == nil {
		return
	}
	conn.SetWriteDeadline(time.Now().Add(writeDeadline))
	if _, err := conn.Write(message); err != nil {
		conn.Close()
	}
}

func (l *link) close() { l.cancel() }
