// The program of the matrix (bindings/README.md): publish, append, live and stream of events as JSON lines.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	tocsin "github.com/tocsin/tocsin/bindings/go"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "matrix:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: publish|append SERVER, live|stream SERVER N")
	}
	client := tocsin.Client{Server: args[1], ConnectTimeout: 30 * time.Second}
	if key := os.Getenv("TOCSIN_CURVE_SERVER_KEY"); key != "" {
		keys, err := tocsin.ParseCurveKeys(key, os.Getenv("TOCSIN_CURVE_PUBLIC_KEY"), os.Getenv("TOCSIN_CURVE_SECRET_KEY"))
		if err != nil {
			return err
		}
		client.Curve = keys
	}
	count := 0
	if len(args) > 2 {
		count, _ = strconv.Atoi(args[2])
	}
	ctx := context.Background()
	switch args[0] {
	case "publish":
		return publish(ctx, client)
	case "append":
		return appendAll(ctx, client)
	case "live":
		return live(ctx, client, count)
	case "stream":
		return stream(ctx, client, count)
	}
	return fmt.Errorf("no such command: %s", args[0])
}

func eachEvent(do func(tocsin.Event) error) error {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var event tocsin.Event
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return err
		}
		if err := do(event); err != nil {
			return err
		}
	}
	return lines.Err()
}

func publish(ctx context.Context, client tocsin.Client) error {
	publisher, err := client.Publisher(ctx, nil)
	if err != nil {
		return err
	}
	if err := eachEvent(func(event tocsin.Event) error { return publisher.Publish(ctx, event) }); err != nil {
		return err
	}
	return publisher.Close()
}

func appendAll(ctx context.Context, client tocsin.Client) error {
	producer := os.Getenv("TOCSIN_PRODUCER")
	if producer == "" {
		producer = "matrix-go"
	}
	appender, err := client.Appender(ctx, producer, &tocsin.AppenderOptions{CloseTimeout: time.Minute})
	if err != nil {
		return err
	}
	var under []*tocsin.Pending
	err = eachEvent(func(event tocsin.Event) error {
		pending, err := appender.Append(ctx, event)
		under = append(under, pending)
		return err
	})
	if err != nil {
		return err
	}
	for _, pending := range under {
		receipt, err := pending.Wait(ctx)
		if err != nil {
			return err
		}
		fmt.Printf("{\"n\":%d,\"seq\":%d,\"hash\":\"%s\"}\n", receipt.N, receipt.Seq, receipt.Hash)
	}
	return appender.Close()
}

func live(ctx context.Context, client tocsin.Client, count int) error {
	subscriber, err := client.Subscribe(ctx, nil)
	if err != nil {
		return err
	}
	defer subscriber.Close()
	fmt.Fprintln(os.Stderr, "ready")
	return write(count, func() (tocsin.Message, error) { return subscriber.Next(ctx) })
}

func stream(ctx context.Context, client tocsin.Client, count int) error {
	stream, err := client.OpenStream(ctx, &tocsin.StreamOptions{From: tocsin.FromSeq(1)})
	if err != nil {
		return err
	}
	defer stream.Close()
	return write(count, func() (tocsin.Message, error) { return stream.Next(ctx) })
}

func write(count int, next func() (tocsin.Message, error)) error {
	out := bufio.NewWriter(os.Stdout)
	for count > 0 {
		message, err := next()
		if err != nil {
			return err
		}
		if message.Kind == tocsin.KindGap || message.Kind == tocsin.KindHole {
			return fmt.Errorf("%v: %d to %d", message.Kind, message.First, message.Last)
		}
		if message.Kind != tocsin.KindEvent || message.Event.Category == "BrokerEvent" {
			continue
		}
		topic, err := json.Marshal(message.Topic)
		if err != nil {
			return err
		}
		event, err := json.Marshal(message.Event)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "{\"topic\":%s,\"event\":%s}\n", topic, event)
		count--
	}
	return out.Flush()
}
