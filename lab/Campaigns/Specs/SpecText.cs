using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RedLeafSharp.Lab.Campaigns;

/// <summary>Reads the YAML of an experiment into nodes that know their place.</summary>
/// <remarks>
/// It is built on the parser's events and not on its tree, because a tree is built by recursion, which a file of brackets makes
/// as deep as it likes. Anchors, tags and a second document are not used here.
/// </remarks>
internal sealed class SpecText
{
    private readonly string file;
    private readonly Parser parser;
    private int nodeCount;

    private SpecText(string file, string text)
    {
        this.file = file;
        parser = new Parser(new StringReader(text));
    }

    /// <exception cref="SpecException">It is no YAML, or none that is used here.</exception>
    internal static SpecNode Read(string file, string text)
    {
        if (text.Length > SpecLimits.TextCharactersMax)
        {
            throw SpecException.At(file, 1, 1, $"longer than {SpecLimits.TextCharactersMax} characters");
        }

        var reader = new SpecText(file, text);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException exception)
        {
            throw SpecException.At(file, exception.Start.Line, exception.Start.Column, $"not readable as YAML: {FirstLine(exception)}");
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException)
        {
            // The parser's answers to some damaged escapes; it knows no place of them.
            throw SpecException.At(file, 1, 1, $"not readable as YAML: {FirstLine(exception)}");
        }
    }

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].Trim();

    private SpecNode ReadDocument()
    {
        _ = Next<StreamStart>();
        if (parser.Current is StreamEnd)
        {
            throw Error(parser.Current.Start, "the file is empty");
        }

        _ = Next<DocumentStart>();
        SpecNode root = ReadNode(depth: 0);
        _ = Next<DocumentEnd>();
        return parser.Current is StreamEnd ? root : throw Error(parser.Current!.Start, "expected the end: one document a file");
    }

    private SpecNode ReadNode(int depth)
    {
        ParsingEvent current = parser.Current!;
        if (++nodeCount > SpecLimits.NodesMax || depth > SpecLimits.DepthMax)
        {
            throw Error(current.Start, "lists and mappings so many or so deep are not used here");
        }

        if (current is AnchorAlias || (current is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty)))
        {
            throw Error(current.Start, "anchors, aliases and tags are not used here");
        }

        return current switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadList(depth),
            MappingStart => ReadMapping(depth),
            _ => throw Error(current.Start, "expected a value"),
        };
    }

    private SpecNode ReadScalar()
    {
        Scalar scalar = Next<Scalar>();
        return SpecNode.Scalar(scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Start.Line, scalar.Start.Column);
    }

    private SpecNode ReadList(int depth)
    {
        Mark start = Next<SequenceStart>().Start;
        var items = new List<SpecNode>();
        while (parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        _ = Next<SequenceEnd>();
        return SpecNode.List(items, start.Line, start.Column);
    }

    private SpecNode ReadMapping(int depth)
    {
        Mark start = Next<MappingStart>().Start;
        var names = new List<SpecNode>();
        var fields = new Dictionary<string, SpecNode>(StringComparer.Ordinal);
        while (parser.Current is not MappingEnd)
        {
            Mark place = parser.Current!.Start;
            SpecNode name = parser.Current is Scalar ? ReadScalar() : throw Error(place, "a field's name must be a text");
            names.Add(name);
            if (!fields.TryAdd(name.Text, ReadNode(depth + 1)))
            {
                throw Error(place, $"the field {name.Description} is there twice");
            }
        }

        _ = Next<MappingEnd>();
        return SpecNode.Mapping(names, fields, start.Line, start.Column);
    }

    /// <summary>Takes the current event, which must be of the kind, and goes to the next one.</summary>
    private TEvent Next<TEvent>()
        where TEvent : ParsingEvent
    {
        if (parser.Current is null)
        {
            _ = parser.MoveNext();
        }

        var current = parser.Current as TEvent ?? throw Error(parser.Current?.Start ?? Mark.Empty, "the YAML ends too early");
        _ = parser.MoveNext();
        return current;
    }

    private SpecException Error(Mark place, string message) => SpecException.At(file, place.Line, place.Column, message);
}
