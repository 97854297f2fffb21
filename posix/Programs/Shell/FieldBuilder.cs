using System.Text;

namespace RedLeafSharp.Posix.Programs.Shell;

/// <summary>
/// The fields that a word becomes: text, and the same as a pattern in which quoted characters are escaped, so that only
/// unquoted ones have a meaning in pathname expansion.
/// </summary>
/// <param name="separators">IFS; null when nothing is split.</param>
internal sealed class FieldBuilder(string? separators)
{
    private readonly StringBuilder text = new();
    private readonly StringBuilder pattern = new();
    private bool hasField;
    private bool isPattern;

    /// <summary>Finished fields.</summary>
    public List<Field> Fields { get; } = new();

    /// <summary>Appends what was quoted; even nothing makes a field.</summary>
    public void AppendQuoted(ReadOnlySpan<char> value)
    {
        hasField = true;
        foreach (char character in value)
        {
            text.Append(character);
            AppendEscaped(character);
        }
    }

    /// <summary>Appends an unquoted character of the word itself.</summary>
    public void AppendLiteral(char character)
    {
        hasField = true;
        text.Append(character);
        AppendActive(character);
    }

    /// <summary>Appends the result of an unquoted expansion, splitting it (XCU 2.6.5).</summary>
    public void AppendExpanded(string value)
    {
        foreach (char character in value)
        {
            if (separators is null || !separators.Contains(character, StringComparison.Ordinal))
            {
                AppendLiteral(character);
            }
            else if (character is ' ' or '\t' or '\n')
            {
                Break();
            }
            else
            {
                hasField = true;
                Break();
            }
        }
    }

    /// <summary>Ends the present field, if there is one.</summary>
    public void Break()
    {
        if (hasField)
        {
            if (Fields.Count >= ShellLimits.FieldCountMax)
            {
                throw new ShellExpansionException("too many words");
            }

            Fields.Add(new Field(text.ToString(), pattern.ToString(), isPattern));
        }

        text.Clear();
        pattern.Clear();
        hasField = false;
        isPattern = false;
    }

    private void AppendActive(char character)
    {
        isPattern |= character is '*' or '?' or '[';
        if (character == '\\')
        {
            // A backslash that came out of an expansion is no quote.
            pattern.Append('\\');
        }

        pattern.Append(character);
    }

    private void AppendEscaped(char character)
    {
        if (character is '*' or '?' or '[' or ']' or '\\' or '-' or '!')
        {
            pattern.Append('\\');
        }

        pattern.Append(character);
    }
}

/// <summary>One field.</summary>
/// <param name="Text">Its text, quotes removed.</param>
/// <param name="Pattern">Its text as a pattern.</param>
/// <param name="IsPattern">Whether the pattern has any special character.</param>
internal readonly record struct Field(string Text, string Pattern, bool IsPattern);
