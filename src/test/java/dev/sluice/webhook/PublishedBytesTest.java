package dev.sluice.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.webhook.Publication.Sound;
import dev.sluice.webhook.PublishRequest.Batch;
import dev.sluice.webhook.PublishRequest.Single;
import dev.sluice.webhook.RandomEvents.Written;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever is published, recipients get its very bytes; and what is not JSON, nobody gets. */
class PublishedBytesTest {
    private static final Instant NOW = Instant.parse("2025-07-08T12:34:56.789Z");
    private static final String ALL_SPACES = " \t\r\n";
    private static final long SEED = 20250708;

    private final PublishReader reader = new PublishReader();

    @Test
    void singleEventsArriveByteForByte() {
        RandomEvents events = new RandomEvents(new Random(SEED), ALL_SPACES);
        for (int i = 0; i < 5_000; i++) {
            Written written = events.next();
            assertArrives(written, ((Single) read("application/json", written.json())).event());
        }
    }

    @Test
    void eventsOfArraysArriveByteForByte() {
        RandomEvents events = new RandomEvents(new Random(SEED), ALL_SPACES);
        for (int i = 0; i < 500; i++) {
            List<Written> written =
                    Stream.generate(events::next).limit(1 + i % 40).toList();
            String body = written.stream().map(Written::json).collect(Collectors.joining(",", " [", "] "));
            assertArrive(written, read("application/json", body));
        }
    }

    @Test
    void eventsOfLinesArriveByteForByte() {
        RandomEvents events = new RandomEvents(new Random(SEED), " \t\r");
        for (int i = 0; i < 500; i++) {
            List<Written> written =
                    Stream.generate(events::next).limit(1 + i % 40).toList();
            String body = written.stream().map(Written::json).collect(Collectors.joining(i % 2 == 0 ? "\n" : "\r\n\n"));
            assertArrive(written, read("application/x-ndjson", i % 3 == 0 ? body : body + "\n"));
        }
    }

    @Test
    void whatAnyByteChangedIsReadAsTheGrammarHasIt() {
        Random random = new Random(SEED);
        RandomEvents events = new RandomEvents(random, ALL_SPACES);
        int json = 0;
        int sound = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] body = changed(events.next().json().getBytes(UTF_8), random);
            List<Rfc8259.Member> members = Rfc8259.object(body);
            PublishRequest request = reader.read(null, body, NOW);
            assertThat(request instanceof Single)
                    .as("is read: %s", new String(body, UTF_8))
                    .isEqualTo(members != null);
            json += members == null ? 0 : 1;
            if (members != null && ((Single) request).event() instanceof Sound event) {
                sound++;
                assertThat(new String(event.body(), UTF_8)).isEqualTo(delivered(members));
            }
        }
        // Else the changes would show nothing.
        assertThat(json).isBetween(4_000, 16_000);
        assertThat(sound).isBetween(2_000, json - 1_000);
    }

    private static byte[] changed(byte[] body, Random random) {
        int at = random.nextInt(body.length);
        String marks = "{}[]\",:\\ \t\n-+.eE017untf/a\u0000\u001f";
        byte b = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : marks.charAt(random.nextInt(marks.length())));
        byte[] changed = Arrays.copyOf(body, body.length + 1);
        switch (random.nextInt(3)) {
            case 0 -> {
                changed[at] = b;
                return Arrays.copyOf(changed, body.length);
            }
            case 1 -> {
                System.arraycopy(body, at, changed, at + 1, body.length - at);
                changed[at] = b;
                return changed;
            }
            default -> {
                System.arraycopy(body, at + 1, changed, at, body.length - at - 1);
                return Arrays.copyOf(changed, body.length - 1);
            }
        }
    }

    private static String delivered(List<Rfc8259.Member> members) {
        Map<String, String> values = members.stream()
                .collect(Collectors.toMap(
                        member -> member.name().replace("\\u0065", "e").replace("\\u0061", "a"),
                        Rfc8259.Member::value));
        return "{\"event\":" + values.get("\"event\"") + ",\"timestamp\":"
                + values.getOrDefault("\"timestamp\"", "\"" + NOW + "\"") + ",\"data\":" + values.get("\"data\"") + "}";
    }

    private static void assertArrive(List<Written> written, PublishRequest request) {
        List<Publication> events = ((Batch) request).events();
        assertThat(events).hasSameSizeAs(written);
        for (int i = 0; i < events.size(); i++) {
            assertArrives(written.get(i), events.get(i));
        }
    }

    private static void assertArrives(Written written, Publication publication) {
        Sound event = (Sound) publication;
        assertThat(event.body())
                .as(written.json())
                .isEqualTo(written.delivered().getBytes(UTF_8));
        assertThat(Arrays.copyOfRange(
                        event.body(), event.data().from(), event.data().to()))
                .isEqualTo(written.data().getBytes(UTF_8));
    }

    private PublishRequest read(String contentType, String body) {
        return reader.read(contentType, body.getBytes(UTF_8), NOW);
    }
}
