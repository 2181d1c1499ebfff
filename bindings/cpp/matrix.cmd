../../build/bindings/cpp/matrix
