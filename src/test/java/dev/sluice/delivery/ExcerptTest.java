package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExcerptTest {
    @Test
    void whatIsPrintableIsKeptAsItIs() {
        String said = "{\"error\":\"G\u00fcltig? \u65e5\u672c\u8a9e \ud83d\ude80 <b>&amp;\"}";
        assertThat(Excerpt.of(said.getBytes(StandardCharsets.UTF_8))).isEqualTo(said);
    }

    @Test
    void whatIsNotPrintableIsABlank() {
        assertThat(Excerpt.of("\r\n  <p>\tno\u0000\u001b[31m\u2028entry\u007f</p>\u202eevil\u200b \ue000\n\n"))
                .isEqualTo("<p> no [31m entry </p> evil");
    }

    @Test
    void whatIsNoUtf8IsABlank() {
        byte[] cut = "a\u00e9b\u00e9".getBytes(StandardCharsets.UTF_8);
        assertThat(Excerpt.of(Arrays.copyOf(cut, cut.length - 1))).isEqualTo("a\u00e9b");
        assertThat(Excerpt.of("caf\u00e9 noir".getBytes(StandardCharsets.ISO_8859_1)))
                .isEqualTo("caf noir");
    }

    @Test
    void noisePrintsAsSomethingShorterInOneLine() {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[1024];
            random.nextBytes(noise);
            String excerpt = Excerpt.of(noise);
            assertThat(excerpt.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(noise.length);
            assertThat(excerpt).matches("[^\\p{C}]*");
        }
    }
}
