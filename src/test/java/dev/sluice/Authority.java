package dev.sluice;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of its own for each test that asks for one; what it issues stands in PEM files. */
public final class Authority {
    private static final Duration VALID = Duration.ofDays(1);

    private final Path directory;
    private final X500Principal name;
    private final KeyPair keys = newKeys();
    private final Path certificate;

    /** A certificate and its key. */
    public record Issued(Path certificate, Path key) {}

    /** Makes one.
     *
     * @param directory for the files
     */
    public Authority(Path directory, String name) {
        this.directory = directory;
        this.name = new X500Principal("CN=" + name);
        this.certificate = directory.resolve(name + ".crt");
        write(certificate, signed(this.name, keys, Instant.now().plus(VALID), new BasicConstraints(true)));
    }

    /** Its own certificate, for those who trust it. */
    public Path certificate() {
        return certificate;
    }

    /** A certificate for a host, or for a client of that name. */
    public Issued issue(String host) {
        return issue(host, host, Instant.now().plus(VALID));
    }

    /** A certificate for a host, as long as it says.
     *
     * @param file the name of its files, which are replaced when they are there
     */
    public Issued issue(String file, String host, Instant until) {
        KeyPair own = newKeys();
        Issued issued = new Issued(directory.resolve(file + ".crt"), directory.resolve(file + ".key"));
        write(issued.key(), own.getPrivate());
        write(
                issued.certificate(),
                signed(new X500Principal("CN=" + host), own, until, new GeneralNames(nameOf(host))));
        return issued;
    }

    private static GeneralName nameOf(String host) {
        boolean address = Character.isDigit(host.charAt(host.length() - 1));
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    private X509Certificate signed(X500Principal subject, KeyPair its, Instant until, Object extension) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(Instant.now().minus(VALID.multipliedBy(2))),
                    Date.from(until),
                    subject,
                    its.getPublic());
            if (extension instanceof GeneralNames names) {
                builder.addExtension(Extension.subjectAlternativeName, false, names);
            } else {
                builder.addExtension(Extension.basicConstraints, true, (BasicConstraints) extension)
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, Object content) {
        StringWriter text = new StringWriter();
        try {
            try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
                pem.writeObject(content instanceof PrivateKey key ? new JcaPKCS8Generator(key, null) : content);
            }
            Files.createDirectories(file.getParent());
            Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
