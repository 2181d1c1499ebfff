// Appends an event, and waits until it is on the broker's disk.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	tocsin "github.com/tocsin/tocsin/bindings/go"
)

func main() {
	ctx := context.Background()
	appender, err := tocsin.Client{Server: os.Args[1]}.Appender(ctx, "billing-1", nil)
	if err != nil {
		log.Fatal(err)
	}
	pending, err := appender.Append(ctx, tocsin.Event{Level: tocsin.Info, Category: "BillingEvent", Type: "InvoiceSent",
		SourceID: "billing", Summary: "Invoice 17 was sent", Snapshot: map[string]any{"invoice": 17}})
	if err != nil {
		log.Fatal(err)
	}
	receipt, err := pending.Wait(ctx)
	if errors.Is(err, tocsin.ErrRefused) {
		log.Fatal("the broker does not take it: ", err)
	} else if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("event %d is durable: seq %d, hash %s\n", receipt.N, receipt.Seq, receipt.Hash)
	if err := appender.Close(); err != nil {
		log.Fatal(err)
	}
}
