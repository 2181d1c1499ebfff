node ../../build/bindings/node/package/matrix.mjs
