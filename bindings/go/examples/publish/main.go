// Publishes two events, one of them by its function of the catalog.
package main

import (
	"context"
	"log"
	"os"

	tocsin "github.com/tocsin/tocsin/bindings/go"
	"github.com/tocsin/tocsin/bindings/go/catalog"
)

func main() {
	ctx := context.Background()
	publisher, err := tocsin.Client{Server: os.Args[1]}.Publisher(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	events := []tocsin.Event{
		catalog.CoreTcpDisconnect("sip-1", "Connection from 192.0.2.7 ended", "192.0.2.7", 40312, "192.0.2.1", 5060, "tcp"),
		{Level: tocsin.Warning, Category: "StreamEvent", Type: "StreamCreated", SourceID: "#default#app/cam",
			Summary: "A camera came", Snapshot: map[string]any{"width": 1920, "tracks": []string{"video", "audio"}}},
	}
	for _, event := range events {
		if err := publisher.Publish(ctx, event); err != nil {
			log.Fatal(err)
		}
	}
	if err := publisher.Close(); err != nil {
		log.Fatal(err)
	}
}
