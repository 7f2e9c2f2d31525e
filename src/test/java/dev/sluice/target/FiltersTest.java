package dev.sluice.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.event.Bodies;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiltersTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest(name = "{0} of {1}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // What is written, what stands there, whether it holds.
                "'equals':'PAID'|'PAID'|true",
                "'equals':'PAID'|'paid'|false",
                "'equals':'PAID'|'PAID '|false",
                "'equals':''|''|true",
                "'equals':''|null|false",
                "'equals':'5'|'5'|true",
                "'equals':'5'|5|true",
                "'equals':'5'|5.0|true",
                "'equals':'5'|50e-1|true",
                "'equals':'5'|'5.0'|false",
                "'equals':'5.0'|5|true",
                "'equals':'100'|1e2|true",
                "'equals':'0'|-0.00|true",
                "'equals':'05'|5|false",
                "'equals':'05'|'05'|true",
                "'equals':'9007199254740993'|9007199254740992|false",
                "'equals':'0.1'|0.1000000000000000000000000000001|false",
                "'equals':'5'|true|false",
                "'equals':'true'|true|true",
                "'equals':'true'|'true'|true",
                "'equals':'true'|false|false",
                "'equals':'true'|1|false",
                "'equals':'null'|null|false",
                "'equals':'{}'|{}|false",
                "'equals':'1e999999999'|1e999999999|false",
                "'in':['PAID','SHIPPED']|'SHIPPED'|true",
                "'in':['PAID','SHIPPED']|'OPEN'|false",
                "'in':['1','2']|2.0|true",
                "'in':['1','2']|3|false",
                "'in':['1','1.0']|1|true",
                "'in':['1','true']|true|true",
                "'in':['1']|[1]|false",
                "'glob':'EU-*'|'EU-DE'|true",
                "'glob':'EU-*'|'eu-DE'|false",
                "'glob':'*'|''|true",
                "'glob':'*'|null|false",
                "'glob':'*'|[]|false",
                "'glob':'12*'|123|true",
                "'glob':'12*'|'123'|true",
                "'glob':'*.0'|1.0|true",
                "'glob':'t*'|true|true",
                "'exists':true|0|true",
                "'exists':true|''|true",
                "'exists':true|false|true",
                "'exists':true|{}|true",
                "'exists':true|[]|true",
                "'exists':true|null|false",
                "'exists':false|null|true",
                "'exists':false|{}|false",
                "'greaterThan':100|100.0000000000000000000001|true",
                "'greaterThan':100|100.00|false",
                "'atLeast':100|1e2|true",
                "'atLeast':100|99.99|false",
                "'atLeast':9007199254740993|9007199254740992|false",
                "'lessThan':-1.5|-1.50|false",
                "'lessThan':-1.5|-2|true",
                "'atMost':-1.5|-1.50|true",
                "'atMost':-1.5|0|false",
                "'atLeast':100|'199.00'|true",
                "'atLeast':100|'a lot'|false",
                "'atLeast':0|true|false",
                "'atLeast':0|null|false",
                "'atLeast':0|[1]|false",
                "'atLeast':0|1e999999999|false",
                "'atLeast':0|1e-999999999|false",
                "'greaterThan':1,'atMost':2|2|true",
                "'greaterThan':1,'atMost':2|1|false",
                "'exists':true,'in':['1']|2|false"
            })
    void holdAsTheValueInTheBodyHasIt(String demand, String value, boolean holds) throws Exception {
        Filters filters = filters("{'pointer':'/data/x'," + demand + "}");
        assertThat(hold(filters, "{'data':{'x':" + value + "}}")).isEqualTo(holds);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'equals':'5'|false",
                "'glob':'*'|false",
                "'atMost':5|false",
                "'exists':true|false",
                "'exists':false|true"
            })
    void nothingEqualsNothingAndOnlyItsAbsenceCanBeDemanded(String demand, boolean holds) throws Exception {
        Filters filters = filters("{'pointer':'/data/x'," + demand + "}");
        for (String body : List.of("{'data':{}}", "{'data':[1]}", "[]", "1")) {
            assertThat(hold(filters, body)).isEqualTo(holds);
        }
    }

    @Test
    void allOfThemMustHold() throws Exception {
        Filters filters = filters(
                "{'pointer':'/status','in':['PAID','OPEN']}",
                "{'pointer':'/total','atLeast':100}",
                "{'pointer':'/total','lessThan':200}");
        assertThat(hold(filters, "{'status':'PAID','total':100}")).isTrue();
        assertThat(hold(filters, "{'status':'DONE','total':100}")).isFalse();
        assertThat(hold(filters, "{'status':'PAID','total':99}")).isFalse();
        assertThat(hold(filters, "{'status':'PAID','total':200}")).isFalse();
    }

    @Test
    void ofWhatIsNotJsonNoneHoldsNotEvenThatSomethingIsAbsent() throws Exception {
        assertThat(hold(filters("{'pointer':'/x','exists':false}"), "no JSON")).isFalse();
        assertThat(hold(Filters.NONE, "no JSON")).isTrue();
    }

    @Test
    void aPatternIsNotTriedOnEndlessText() throws Exception {
        Filters filters = filters("{'pointer':'/x','glob':'a*'}");
        assertThat(hold(filters, "{'x':'" + "a".repeat(1_024) + "'}")).isTrue();
        assertThat(hold(filters, "{'x':'" + "a".repeat(1_025) + "'}")).isFalse();
    }

    private static boolean hold(Filters filters, String body) {
        return filters.hold(Bodies.findings(body, Set.copyOf(filters.pointers())));
    }

    private static Filters filters(String... written) throws Exception {
        return new Filters(Arrays.asList(JSON.readerForArrayOf(Filter.class)
                .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .readValue(("[" + String.join(",", written) + "]").replace('\'', '"'))));
    }
}
