package io.tocsin;

import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** Where a door of the broker is, and how its socket is made. */
record Target(String endpoint, Client.Door door, int maxBytes, CurveKeys curve) {
    /** What CURVE adds to a frame. */
    private static final int SEALED = 64;
    private static final int NEVER_MS = 1 << 30;

    /**
     * JeroMQ's contexts have threads, which end with the process: there is one of them. A process that opens no client
     * has none.
     */
    private static final class Shared {
        private static final ZMQ.Context CONTEXT = ZMQ.context(1);
    }

    /**
     * Makes a socket that is connected once: a Line sees to the next try. It belongs to the thread that made it.
     *
     * <p>A publisher's is a DEALER that calls itself a PUB: unlike JeroMQ's XPUB it drops nothing where the broker is slow,
     * and with a mark of one frame it tells when that frame has been taken to be written.
     */
    ZMQ.Socket open() {
        ZMQ.Socket socket = Shared.CONTEXT.socket(door == Client.Door.LIVE ? SocketType.XSUB : SocketType.DEALER);
        socket.setSndHWM(0);
        if (door == Client.Door.INGEST) {
            socket.base().setSocketOpt(zmq.ZMQ.ZMQ_AS_TYPE, zmq.ZMQ.ZMQ_PUB);
            socket.setSndHWM(1);
        }
        socket.setRcvHWM(0); // at a mark JeroMQ 0.6.0 hands out a frame that CURVE has sealed; the threads here always read
        socket.setMaxMsgSize((long) maxBytes + SEALED);
        socket.setReconnectIVL(NEVER_MS);
        socket.setHandshakeIvl(0); // a Line sees to that, too
        socket.setTCPKeepAlive(1);
        socket.setIPv6(true);
        socket.setLinger(0);
        if (curve != null) {
            socket.setCurveServerKey(curve.serverKey);
            socket.setCurvePublicKey(curve.publicKey);
            socket.setCurveSecretKey(curve.secretKey);
        }
        return socket;
    }
}
