namespace RedLeafSharp.Lab.Campaigns;

/// <summary>The bounds of an experiment's file and of the campaign it asks for.</summary>
internal static class SpecLimits
{
    /// <summary>The longest experiment that is delivered has a hundredth of this.</summary>
    internal const int TextCharactersMax = 256 * 1024;

    /// <summary>The deepest field is at 5: mapping, list, mapping, list, text.</summary>
    internal const int DepthMax = 16;

    /// <summary>Nodes of a file; so many fit the characters only if most are empty lists.</summary>
    internal const int NodesMax = 64 * 1024;

    /// <summary>What a message quotes of a wrong value.</summary>
    internal const int QuotedCharactersMax = 40;
}
