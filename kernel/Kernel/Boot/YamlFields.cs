using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>
/// Reads one mapping of a YAML file and keeps account of which fields have been read, so that a wrong value and a field
/// nobody knows are both errors that name file, line, column and field.
/// </summary>
internal sealed class YamlFields
{
    /// <summary>The deepest field of a system file is at 7: document, mapping, list, mapping, mapping.</summary>
    private const int DepthMax = 16;

    /// <summary>A system of sixty-four domains with all their settings takes a tenth.</summary>
    private const int TextCharactersMax = 256 * 1024;

    /// <summary>The longest message of ours, with the names of all contracts in it, takes half.</summary>
    private const int MessageCharactersMax = 800;

    private readonly string fileName;
    private readonly YamlMappingNode mapping;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    private YamlFields(string fileName, YamlMappingNode mapping)
    {
        this.fileName = fileName;
        this.mapping = mapping;
    }

    /// <summary>Parses a file that must consist of one mapping.</summary>
    /// <exception cref="BootException">It does not.</exception>
    internal static YamlFields Parse(string fileName, string yaml)
    {
        var stream = new YamlStream();
        try
        {
            RefuseDepth(fileName, yaml);
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException exception)
        {
            throw Error(fileName, exception.Start, FirstLine(exception.InnerException?.Message ?? exception.Message));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new BootException($"{fileName}: not readable as YAML: {Printable(FirstLine(exception.Message))}");
        }

        if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new BootException($"{fileName}: expected one mapping of fields to values");
        }

        return new YamlFields(fileName, root);
    }

    /// <summary>
    /// The parser itself keeps no stack, but whoever builds a tree from what it says recurses; an anchor can make that a circle.
    /// </summary>
    private static void RefuseDepth(string fileName, string yaml)
    {
        if (yaml.Length > TextCharactersMax)
        {
            throw new BootException($"{fileName}: longer than {TextCharactersMax} characters");
        }

        var parser = new Parser(new StringReader(yaml));
        for (int depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DepthMax || parser.Current is AnchorAlias)
            {
                throw Error(fileName, parser.Current.Start, "anchors, and lists and mappings nested so deeply, are not used here");
            }
        }
    }

    /// <summary>A text that must be there.</summary>
    internal string Text(string field) =>
        OptionalText(field) ?? throw Error(fileName, mapping.Start, $"the field '{field}' is missing");

    /// <summary>A text, or null.</summary>
    internal string? OptionalText(string field) => Find(field) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } value } => value,
        YamlNode other => throw Error(fileName, other.Start, $"the field '{field}' must be a text that is not empty"),
    };

    /// <summary>Whether the field is this text, where it may be something else as well.</summary>
    internal bool IsText(string field, string text) => Find(field) is YamlScalarNode { Value: { } value } && value == text;

    /// <summary>A whole number within bounds, or the default.</summary>
    internal long Number(string field, long defaultValue, long min, long max)
    {
        YamlNode? node = Find(field);
        if (node is null)
        {
            return defaultValue;
        }

        return node is YamlScalarNode scalar
            && long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && value >= min && value <= max
            ? value
            : throw Error(fileName, node.Start, $"the field '{field}' must be a whole number from {min} to {max}");
    }

    /// <summary>A list of texts; empty when the field is absent.</summary>
    internal IReadOnlyList<string> Texts(string field)
    {
        YamlNode? node = Find(field);
        if (node is null)
        {
            return [];
        }

        if (node is not YamlSequenceNode sequence || sequence.Any(item => item is not YamlScalarNode { Value.Length: > 0 }))
        {
            throw Error(fileName, node.Start, $"the field '{field}' must be a list of texts");
        }

        return [.. sequence.Select(item => ((YamlScalarNode)item).Value!)];
    }

    /// <summary>A mapping of texts to texts; empty when the field is absent.</summary>
    internal IReadOnlyDictionary<string, string> TextsByName(string field)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (OptionalFields(field) is { } fields)
        {
            foreach (YamlNode key in fields.mapping.Children.Keys)
            {
                string name = KeyName(fileName, key);
                result[name] = fields.Text(name);
            }
        }

        return result;
    }

    /// <summary>A mapping of texts to a text or a list of texts; empty when the field is absent.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> TextListsByName(string field)
    {
        var result = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (OptionalFields(field) is { } fields)
        {
            foreach (YamlNode key in fields.mapping.Children.Keys)
            {
                string name = KeyName(fileName, key);
                bool isList = fields.Find(name) is YamlSequenceNode { Children.Count: > 0 };
                result[name] = isList ? fields.Texts(name) : [fields.Text(name)];
            }
        }

        return result;
    }

    /// <summary>A nested mapping, or null.</summary>
    internal YamlFields? OptionalFields(string field) => Find(field) switch
    {
        null => null,
        YamlMappingNode nested => new YamlFields(fileName, nested),
        YamlNode other => throw Error(fileName, other.Start, $"the field '{field}' must be a mapping"),
    };

    /// <summary>A list of mappings; empty when the field is absent.</summary>
    internal IReadOnlyList<YamlFields> List(string field)
    {
        YamlNode? node = Find(field);
        if (node is null)
        {
            return [];
        }

        if (node is not YamlSequenceNode sequence || sequence.Any(item => item is not YamlMappingNode))
        {
            throw Error(fileName, node.Start, $"the field '{field}' must be a list of mappings");
        }

        return [.. sequence.Select(item => new YamlFields(fileName, (YamlMappingNode)item))];
    }

    /// <summary>Refuses fields that have not been read.</summary>
    internal void RefuseOthers()
    {
        foreach (YamlNode key in mapping.Children.Keys)
        {
            string name = KeyName(fileName, key);
            if (!read.Contains(name))
            {
                throw Error(fileName, key.Start, $"unknown field '{name}'; known here: {string.Join(", ", read.Order())}");
            }
        }
    }

    /// <summary>An error at the place of this mapping.</summary>
    internal BootException Error(string message) => Error(fileName, mapping.Start, message);

    private static BootException Error(string fileName, Mark mark, string message) =>
        new($"{fileName}:{mark.Line}:{mark.Column}: {Printable(message)}");

    /// <summary>Messages quote the file, whose author may have a terminal or a log in mind.</summary>
    private static string Printable(string message)
    {
        char[] letters = message.Length <= MessageCharactersMax
            ? message.ToCharArray()
            : $"{message.AsSpan(0, MessageCharactersMax)}...".ToCharArray();
        foreach (ref char letter in letters.AsSpan())
        {
            letter = char.IsControl(letter) || char.IsSurrogate(letter) || letter is '\u2028' or '\u2029' ? '?' : letter;
        }

        return new string(letters);
    }

    private static string KeyName(string fileName, YamlNode key) =>
        key is YamlScalarNode { Value: { } name } ? name : throw Error(fileName, key.Start, "a field's name must be a text");

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();

    private YamlNode? Find(string field)
    {
        read.Add(field);
        return mapping.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? node) ? node : null;
    }
}
