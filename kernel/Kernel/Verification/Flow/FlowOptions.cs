namespace RedLeafSharp.Verification.Flow;

/// <summary>What the interpretation takes for granted of an image.</summary>
/// <param name="AdmitsPlantedCode">Whether the image has been rewritten: the rewriter's patterns, and only they, are admitted.</param>
internal sealed record FlowOptions(bool AdmitsPlantedCode = false);
