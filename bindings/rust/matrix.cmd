../../build/bindings/rust/target/debug/examples/matrix
