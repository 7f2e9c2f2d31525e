package dev.sluice.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.beans.BeanInfo;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Kubernetes manifests, read as strictly as an API server reads them that warns of nothing and refuses it. */
final class Manifest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of KEDA there is no model. */
    private static final Schema SCALED_OBJECT = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Manifest.class.getResourceAsStream("/deploy/scaledobject.schema.json"));

    private Manifest() {}

    /** Reads the documents of a text. */
    static List<HasMetadata> read(String text) {
        return Stream.of(text.split("(?m)^---$"))
                .filter(document -> !document.isBlank())
                .map(document -> (HasMetadata) YAML.unmarshal(document))
                .toList();
    }

    /** The fields of a manifest that its kind does not have, by where they stand. */
    static List<String> unknown(HasMetadata manifest) {
        if (manifest instanceof GenericKubernetesResource other
                && other.getKind().equals("ScaledObject")) {
            return SCALED_OBJECT.validate(JSON.valueToTree(other.getAdditionalProperties())).stream()
                    .map(Object::toString)
                    .toList();
        }
        if (manifest instanceof GenericKubernetesResource) {
            return List.of(manifest.getKind() + " is no kind that is known");
        }
        List<String> unknown = new ArrayList<>();
        look(manifest, manifest.getKind() + "/" + manifest.getMetadata().getName(), unknown);
        return unknown;
    }

    private static void look(Object value, String where, List<String> unknown) {
        if (value instanceof Collection<?> many) {
            int i = 0;
            for (Object each : many) {
                look(each, where + "[" + i++ + "]", unknown);
            }
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, each) -> look(each, where + "." + key, unknown));
        } else if (value != null && value.getClass().getName().startsWith("io.fabric8.")) {
            for (PropertyDescriptor property : properties(value.getClass())) {
                Object each = get(property, value);
                if (property.getName().equals("additionalProperties")) {
                    ((Map<?, ?>) each).keySet().forEach(name -> unknown.add(where + "." + name));
                } else {
                    look(each, where + "." + property.getName(), unknown);
                }
            }
        }
    }

    private static List<PropertyDescriptor> properties(Class<?> type) {
        try {
            BeanInfo bean = Introspector.getBeanInfo(type, Object.class);
            return Stream.of(bean.getPropertyDescriptors())
                    .filter(property -> property.getReadMethod() != null && property.getWriteMethod() != null
                            || property.getName().equals("additionalProperties"))
                    .toList();
        } catch (IntrospectionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object get(PropertyDescriptor property, Object bean) {
        try {
            return property.getReadMethod().invoke(bean);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
