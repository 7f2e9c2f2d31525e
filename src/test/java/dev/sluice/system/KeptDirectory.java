package dev.sluice.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** A new directory for each test, under the test's name, where logs and data can be looked at afterwards. */
public final class KeptDirectory implements TempDirFactory {
    private static final Path ALL = Path.of("target", "system");

    @Override
    public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext test) throws IOException {
        return Files.createTempDirectory(
                Files.createDirectories(ALL), test.getRequiredTestMethod().getName() + "-");
    }
}
