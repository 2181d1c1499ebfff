// How many events a second: publish, append and stream, and beside them the bare ZeroMQ library of Go that most use
// (github.com/pebbe/zmq4 over libzmq), which sends and receives the same bytes, one event a frame, through TCP.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	zmq "github.com/pebbe/zmq4"
	tocsin "github.com/tocsin/tocsin/bindings/go"
)

const count = 200000

func event(i int) tocsin.Event {
	return tocsin.Event{Level: tocsin.Info, Category: "BenchEvent", Type: "Measured", SourceID: "#default#app/cam",
		Summary: "An event of the benchmark", Time: "2026-11-21T09:30:00.125+09:00",
		Snapshot: map[string]any{"number": int64(i), "width": int64(1920), "codec": "H264", "rate": 29.97}}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func report(what string, start time.Time) {
	fmt.Printf("go %-8s %9.0f events/s\n", what, count/time.Since(start).Seconds())
}

func main() {
	ctx := context.Background()
	client := tocsin.Client{Server: os.Getenv("TOCSIN_SERVER")}
	bare()
	publish(ctx, client)
	appendAll(ctx, client)
	stream(ctx, client)
}

func publish(ctx context.Context, client tocsin.Client) {
	publisher, err := client.Publisher(ctx, nil)
	check(err)
	start := time.Now()
	for i := range count {
		check(publisher.Publish(ctx, event(i)))
	}
	check(publisher.Flush(ctx))
	report("publish", start)
	check(publisher.Close())
}

func appendAll(ctx context.Context, client tocsin.Client) {
	appender, err := client.Appender(ctx, "bench", &tocsin.AppenderOptions{CloseTimeout: time.Minute})
	check(err)
	start := time.Now()
	for i := range count {
		_, err := appender.Append(ctx, event(i))
		check(err)
	}
	check(appender.Close())
	report("append", start)
}

func stream(ctx context.Context, client tocsin.Client) {
	stream, err := client.OpenStream(ctx, &tocsin.StreamOptions{From: tocsin.FromFirst()})
	check(err)
	defer stream.Close()
	start := time.Now()
	for read := 0; read < count; {
		message, err := stream.Next(ctx)
		check(err)
		if message.Kind == tocsin.KindEvent {
			read++
		}
	}
	report("stream", start)
}

func bare() {
	e := event(1)
	data, err := e.Encode()
	check(err)
	pull, err := zmq.NewSocket(zmq.PULL)
	check(err)
	check(pull.Bind("tcp://127.0.0.1:*"))
	endpoint, err := pull.GetLastEndpoint()
	check(err)
	start := time.Now()
	go func() {
		push, err := zmq.NewSocket(zmq.PUSH)
		check(err)
		check(push.Connect(endpoint))
		for range count {
			_, err := push.SendBytes(data, 0)
			check(err)
		}
	}()
	for range count {
		_, err := pull.RecvBytes(0)
		check(err)
	}
	report("zmq4", start)
}
