package io.tocsin;

import com.neilalexander.jnacl.crypto.curve25519xsalsa20poly1305;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The broker's public key, and the client's own pair, for a broker that encrypts. */
public final class CurveKeys {
    private static final String Z85 =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    final byte[] serverKey;
    final byte[] secretKey;
    final byte[] publicKey = new byte[32];

    private CurveKeys(byte[] serverKey, byte[] secretKey) {
        this.serverKey = serverKey;
        this.secretKey = secretKey;
        curve25519xsalsa20poly1305.crypto_box_getpublickey(publicKey, secretKey);
    }

    /** Reads keys as ZeroMQ writes them: Z85, 40 characters each. */
    public static CurveKeys parse(String serverKey, String secretKey) {
        return new CurveKeys(decode(serverKey, "server's public"), decode(secretKey, "secret"));
    }

    /**
     * Reads the client's own secret file, as {@code tocsin keygen} and czmq write it, and takes the broker's public key from
     * a file or as its 40 characters.
     */
    public static CurveKeys read(Path secretFile, String serverKeyOrFile) {
        String serverKey = serverKeyOrFile.length() == 40
                ? serverKeyOrFile
                : find(Path.of(serverKeyOrFile), "public-key");
        return parse(serverKey, find(secretFile, "secret-key"));
    }

    /** Finds a line such as {@code secret-key = "…"}. */
    private static String find(Path file, String name) {
        try {
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0 && line.substring(0, equals).strip().equals(name)) {
                    return line.substring(equals + 1).strip().replace("\"", "");
                }
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        throw new IllegalArgumentException(file + ": there is no " + name);
    }

    private static byte[] decode(String text, String which) {
        byte[] out = new byte[32];
        boolean isGood = text.length() == 40;
        for (int group = 0; isGood && group < 8; group++) {
            long value = 0;
            for (int i = 0; i < 5; i++) {
                int digit = Z85.indexOf(text.charAt(5 * group + i));
                isGood &= digit >= 0;
                value = value * 85 + digit;
            }
            isGood &= value >> 32 == 0;
            for (int i = 0; i < 4; i++) {
                out[4 * group + i] = (byte) (value >> (24 - 8 * i));
            }
        }
        if (!isGood) {
            throw new IllegalArgumentException("the " + which + " key is not Z85 of 40 characters");
        }
        return out;
    }
}
