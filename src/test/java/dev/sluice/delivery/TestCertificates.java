package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An authority and the certificates that it has issued, in a directory of their own. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final Path store;
    private final Path authority;

    TestCertificates(Path directory) throws IOException, InterruptedException {
        store = Files.createDirectories(directory).resolve("keys.p12");
        authority = directory.resolve("authority.pem");
        keytool("-genkeypair", "-alias", "authority", "-keyalg", "EC", "-dname", "CN=authority", "-ext", "bc:c");
        keytool("-exportcert", "-alias", "authority", "-rfc", "-file", authority.toString());
    }

    /** Trust in what the authority has issued, and in nothing else. */
    PemTrustOptions trust() {
        return new PemTrustOptions().addCertPath(authority.toString());
    }

    /** A certificate that is good for a day.
     *
     * @param san for whom, as keytool writes it: {@code ip:127.0.0.1}
     * @param start when the day begins, as keytool writes it: {@code -3d}
     */
    PfxOptions issue(String san, String start) throws IOException, InterruptedException {
        String alias = "of " + san + " from " + start;
        keytool(
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-signer",
                "authority",
                "-dname",
                "CN=target",
                "-ext",
                "san=" + san,
                "-startdate",
                start,
                "-validity",
                "1");
        return new PfxOptions()
                .setPath(store.toString())
                .setPassword(PASSWORD)
                .setAlias(alias.toLowerCase(Locale.ROOT));
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
    }
}
