namespace RedLeafSharp.Verification.Flow;

/// <summary>What the interpretation takes for granted of an image.</summary>
/// <param name="AdmitsPlantedCode">Whether the image has been rewritten: the rewriter's class is compared, not judged.</param>
internal sealed record FlowOptions(bool AdmitsPlantedCode = false);
