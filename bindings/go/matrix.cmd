../../build/bindings/go/matrix
