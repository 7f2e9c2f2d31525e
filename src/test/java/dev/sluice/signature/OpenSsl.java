package dev.sluice.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The recipe that the provider gives its receivers, run as they run it. */
public final class OpenSsl {
    private OpenSsl() {}

    /** {@code openssl dgst -sha256 -hmac "$SECRET"} of a body, in hexadecimal digits. */
    public static String hmac(String secret, byte[] body) throws IOException, InterruptedException {
        Process openssl;
        try {
            openssl = new ProcessBuilder("openssl", "dgst", "-sha256", "-hmac", secret)
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("this test needs openssl on the PATH: install it (apt-get install openssl)", e);
        }
        openssl.getOutputStream().write(body);
        openssl.getOutputStream().close();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertThat(openssl.waitFor()).as(said).isZero();
        // SHA2-256(stdin)= ..., or (stdin)= ... from older ones.
        return said.substring(said.lastIndexOf(' ') + 1);
    }
}
