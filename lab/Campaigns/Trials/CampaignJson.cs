using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>
/// How plans, results and records are written as JSON: one line, names as programs of other languages have them.
/// </summary>
internal static class CampaignJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new OutcomeConverter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WriteHashesInHex } },
    };

    internal static string Write<TValue>(TValue value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="JsonException">The text is not such a value.</exception>
    internal static TValue Read<TValue>(string text) =>
        JsonSerializer.Deserialize<TValue>(text, Options) ?? throw new JsonException("nothing there");

    /// <summary>A hash has 64 bits, and the numbers of JavaScript and jq have 53.</summary>
    private static void WriteHashesInHex(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.PropertyType == typeof(ulong) && property.Name is "traceHash" or "digest")
            {
                property.CustomConverter = new HashConverter();
            }
        }
    }

    private sealed class HashConverter : JsonConverter<ulong>
    {
        public override ulong Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            ulong.TryParse(reader.GetString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong hash)
                ? hash
                : throw new JsonException("expected a hash of hexadecimal digits");

        public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString("x16", CultureInfo.InvariantCulture));
    }

    private sealed class OutcomeConverter : JsonConverter<Outcome>
    {
        public override Outcome Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            try
            {
                return Outcomes.Parse(reader.GetString() ?? string.Empty);
            }
            catch (FormatException exception)
            {
                throw new JsonException(exception.Message);
            }
        }

        public override void Write(Utf8JsonWriter writer, Outcome value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Name());
    }
}
