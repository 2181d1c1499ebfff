module github.com/tocsin/tocsin/bindings/go

go 1.23

require (
	github.com/vmihailenco/msgpack/v5 v5.4.1
	golang.org/x/crypto v0.33.0
)

require (
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	golang.org/x/sys v0.30.0 // indirect
)
