PYTHONPATH=src ../../build/bindings/python/venv/bin/python matrix.py
