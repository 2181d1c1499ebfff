// Reads the log from its first event on, and follows it: follow SERVER [COUNT [CURSOR_FILE]]. With a cursor's file the next
// run goes on where this one ended.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"

	tocsin "github.com/tocsin/tocsin/bindings/go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	left := -1
	if len(os.Args) > 2 {
		left, _ = strconv.Atoi(os.Args[2])
	}
	options := tocsin.StreamOptions{From: tocsin.FromFirst()}
	if len(os.Args) > 3 {
		options.CursorFile = os.Args[3]
	}
	stream, err := tocsin.Client{Server: os.Args[1]}.OpenStream(ctx, &options)
	if err != nil {
		log.Fatal(err)
	}
	defer stream.Close()
	for message, err := range stream.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		switch message.Kind {
		case tocsin.KindEvent:
			fmt.Println(message.Seq, message.Event.Level, message.Topic, message.Event.Summary)
			left--
		case tocsin.KindHole:
			fmt.Printf("the log no longer holds %d to %d\n", message.First, message.Last)
		default:
			fmt.Println(message.Kind)
		}
		if left == 0 {
			return
		}
	}
}
