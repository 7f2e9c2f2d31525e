package dev.sluice.webhook;

import dev.sluice.problem.Problem;
import java.util.List;

/**
 * Something wrong in what an application sent.
 *
 * @param pointer JSON Pointer (RFC 6901) to the place; empty means the whole
 * @param reason what is wrong with it, for people; holds no value of the body
 * @param mend what to do about it
 */
public record Fault(String pointer, String reason, String mend) {

    /** One of a member of the outermost object. */
    static Fault ofMember(String name, String reason, String mend) {
        return new Fault("/" + name.replace("~", "~0").replace("/", "~1"), reason, mend);
    }

    /** The same, of what stands at a place. */
    Fault within(String place) {
        return new Fault(place + pointer, reason, mend);
    }

    /** As the API tells them. */
    static List<Problem.Detail> errors(List<Fault> faults) {
        return faults.stream()
                .map(fault -> new Problem.Detail(fault.pointer(), fault.reason(), fault.mend()))
                .toList();
    }

    /** One of the whole. */
    static Fault ofAll(String reason, String mend) {
        return new Fault("", reason, mend);
    }
}
