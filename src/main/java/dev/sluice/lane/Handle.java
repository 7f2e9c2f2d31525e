package dev.sluice.lane;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** By what operators name something that stands in a partition under a name, without looking into it: it fits a path. */
record Handle(int partition, String name) {
    private static final char SEPARATOR = '-';

    String text() {
        return "" + partition + SEPARATOR
                + Base64.getUrlEncoder().withoutPadding().encodeToString(name.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one that anybody may have made up. */
    static Optional<Handle> read(String text, int partitions) {
        int end = text.indexOf(SEPARATOR);
        try {
            int partition = end < 1 ? -1 : Integer.parseInt(text.substring(0, end));
            String name = new String(Base64.getUrlDecoder().decode(text.substring(end + 1)), StandardCharsets.UTF_8);
            return partition >= 0 && partition < partitions
                    ? Optional.of(new Handle(partition, name))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
