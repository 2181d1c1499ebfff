package io.tocsin;

/** All through `seq` of the log is handled. */
record Cursor(String logId, long seq) {}
