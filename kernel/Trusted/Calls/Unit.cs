namespace RedLeafSharp;

/// <summary>The value of a reply that carries nothing but its status.</summary>
public readonly record struct Unit;
