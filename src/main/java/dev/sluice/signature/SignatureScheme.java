package dev.sluice.signature;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * How a signature stands in a request: {@code <header>: <prefix><encoded HMAC-SHA256 of the raw body>}.
 *
 * @param header the header's name
 * @param prefix what stands before the encoded signature; may be empty
 * @param encoding how the 32 bytes are written
 */
public record SignatureScheme(String header, String prefix, Encoding encoding) {

    /** The scheme of the provider Opt On Demand: {@code X-Signature: sha256=<hex>}. Also what leaves the gateway. */
    public static final SignatureScheme OPTONDEMAND = new SignatureScheme("X-Signature", "sha256=", Encoding.HEX);

    /** How the bytes of a signature are written. */
    public enum Encoding {
        /** Two digits a byte, upper or lower case. */
        HEX {
            @Override
            String encode(byte[] signature) {
                return HexFormat.of().formatHex(signature);
            }

            @Override
            byte[] decode(String text) {
                return HexFormat.of().parseHex(text);
            }
        },
        /** Base64 of RFC 4648, section 4, written with padding and read with or without. */
        BASE64 {
            @Override
            String encode(byte[] signature) {
                return Base64.getEncoder().encodeToString(signature);
            }

            @Override
            byte[] decode(String text) {
                return Base64.getDecoder().decode(text);
            }
        };

        abstract String encode(byte[] signature);

        /** The reverse of encoding.
         *
         * @throws IllegalArgumentException if {@code text} is not in this encoding
         */
        abstract byte[] decode(String text);
    }

    /** The header's value for a signature. */
    public String write(byte[] signature) {
        return prefix + encoding.encode(signature);
    }

    /** The signature out of the header's value; empty unless it is written exactly as this scheme has it. */
    Optional<byte[]> read(String value) {
        if (!value.startsWith(prefix)) {
            return Optional.empty();
        }
        try {
            byte[] signature = encoding.decode(value.substring(prefix.length()));
            return signature.length == SigningKey.SIGNATURE_BYTES ? Optional.of(signature) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
