package io.tocsin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.neilalexander.jnacl.crypto.curve25519xsalsa20poly1305;
import io.tocsin.Connection.Fault;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/** CurveZMQ (ZeroMQ RFC 26), the client's side of one connection. */
final class CurveSession {
    private static final int ZERO = 32; // what NaCl wants before a plain text
    private static final int BOX_ZERO = 16; // and before a sealed one

    private final CurveKeys keys;
    private final byte[] own = new byte[32];
    private final byte[] ownPublic = new byte[32];
    private final byte[] shared = new byte[32];
    private long sent; // nonces used
    private long received;

    CurveSession(CurveKeys keys) {
        this.keys = keys;
        curve25519xsalsa20poly1305.crypto_box_keypair(ownPublic, own);
    }

    private static byte[] nonce(String prefix, byte[] rest) {
        byte[] out = Arrays.copyOf(prefix.getBytes(US_ASCII), 24);
        System.arraycopy(rest, 0, out, prefix.length(), 24 - prefix.length());
        return out;
    }

    private byte[] next() {
        return ByteBuffer.allocate(8).putLong(++sent).array();
    }

    private static byte[] seal(byte[] plain, byte[] nonce, byte[] with) {
        byte[] padded = new byte[ZERO + plain.length];
        System.arraycopy(plain, 0, padded, ZERO, plain.length);
        byte[] sealed = new byte[padded.length];
        curve25519xsalsa20poly1305.crypto_box_afternm(sealed, padded, padded.length, nonce, with);
        return Arrays.copyOfRange(sealed, BOX_ZERO, sealed.length);
    }

    /** Null where it does not open. */
    private static byte[] open(byte[] sealed, byte[] nonce, byte[] with) {
        if (sealed.length < ZERO - BOX_ZERO) {
            return null;
        }
        byte[] padded = new byte[BOX_ZERO + sealed.length];
        System.arraycopy(sealed, 0, padded, BOX_ZERO, sealed.length);
        byte[] plain = new byte[padded.length];
        int failed = curve25519xsalsa20poly1305.crypto_box_open_afternm(plain, padded, padded.length, nonce, with);
        return failed != 0 ? null : Arrays.copyOfRange(plain, ZERO, plain.length);
    }

    private static byte[] agree(byte[] theirs, byte[] ours) {
        byte[] with = new byte[32];
        curve25519xsalsa20poly1305.crypto_box_beforenm(with, theirs, ours);
        return with;
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    byte[] hello() {
        byte[] nonce = next();
        byte[] signature = seal(new byte[64], nonce("CurveZMQHELLO---", nonce), agree(keys.serverKey, own));
        return join("\5HELLO\1\0".getBytes(US_ASCII), new byte[72], ownPublic, nonce, signature);
    }

    /** Takes the server's key for this connection, and shows our own. */
    byte[] initiate(byte[] welcome, byte[] metadata) throws Fault {
        if (welcome.length != 160) {
            throw Fault.protocol("WELCOME");
        }
        byte[] sealed = Arrays.copyOfRange(welcome, 16, 160);
        byte[] plain = open(sealed, nonce("WELCOME-", welcome), agree(keys.serverKey, own));
        if (plain == null) {
            throw new Fault(Fault.Kind.DENIED, "the broker's key is another one");
        }
        byte[] server = Arrays.copyOf(plain, 32);
        byte[] cookie = Arrays.copyOfRange(plain, 32, plain.length);
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        byte[] vouched = join(ownPublic, keys.serverKey);
        byte[] vouch = seal(vouched, nonce("VOUCH---", random), agree(server, keys.secretKey));
        System.arraycopy(agree(server, own), 0, shared, 0, 32);
        byte[] nonce = next();
        byte[] body = join(keys.publicKey, random, vouch, metadata);
        return join("\10INITIATE".getBytes(US_ASCII), cookie, nonce, seal(body, nonce("CurveZMQINITIATE", nonce), shared));
    }

    /** The server's metadata. */
    byte[] ready(byte[] body) throws Fault {
        if (body.length < 8) {
            throw Fault.protocol("READY");
        }
        received = ByteBuffer.wrap(body).getLong();
        byte[] plain = open(Arrays.copyOfRange(body, 8, body.length), nonce("CurveZMQREADY---", body), shared);
        if (plain == null) {
            throw Fault.protocol("READY");
        }
        return plain;
    }

    byte[] sealMessage(byte[] payload) {
        byte[] nonce = next();
        byte[] plain = join(new byte[1], payload);
        return join("\7MESSAGE".getBytes(US_ASCII), nonce, seal(plain, nonce("CurveZMQMESSAGEC", nonce), shared));
    }

    /** A byte of flags, and the payload behind it. */
    byte[] openMessage(byte[] body) throws Fault {
        if (body.length < 16 || !new String(body, 0, 8, US_ASCII).equals("\7MESSAGE")) {
            throw Fault.protocol("MESSAGE");
        }
        long number = ByteBuffer.wrap(body).getLong(8);
        byte[] nonce = nonce("CurveZMQMESSAGES", Arrays.copyOfRange(body, 8, 16));
        byte[] plain = open(Arrays.copyOfRange(body, 16, body.length), nonce, shared);
        if (number <= received || plain == null || plain.length == 0) {
            throw Fault.protocol("MESSAGE");
        }
        received = number;
        return plain;
    }
}
