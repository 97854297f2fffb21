using System.Reflection.Metadata;

namespace RedLeafSharp.Verification.Image;

/// <summary>
/// The values that attributes carry (ECMA-335 II.23.3), read once with bounds before the runtime and the rewriter's reader do: those
/// follow nested values and names of types by recursion, make arrays as long as the bytes say, and look up each enumeration that is named.
/// </summary>
internal ref struct AttributeValues
{
    private const byte TypeTag = 0x50, EnumTag = 0x55, FieldTag = 0x53, PropertyTag = 0x54;
    private const uint NullArray = uint.MaxValue;

    private static readonly SignatureType Text = new(SignatureTypeCode.String, default, 0, []);
    private static readonly SignatureType Boxed = new(SignatureTypeCode.Object, default, 0, []);
    private static readonly SignatureType TypeName = new(SignatureTypeCode.TypeHandle, default, 0, []);

    private readonly AttributeEnumerations enumerations;
    private readonly ImageFile file;
    private BlobReader blob;

    private AttributeValues(ImageFile file, AttributeEnumerations enumerations, BlobReader blob)
    {
        this.file = file;
        this.enumerations = enumerations;
        this.blob = blob;
    }

    /// <summary>Reads all values of an attribute.</summary>
    /// <param name="file">The image.</param>
    /// <param name="enumerations">Knows how large those of the image and of the framework are.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="signature">Of its constructor: nothing, then its parameters.</param>
    /// <param name="typeArguments">Of a generic attribute.</param>
    /// <exception cref="BadImageFormatException">They are not what the constructor takes, or beyond a bound.</exception>
    internal static void Check(
        ImageFile file,
        AttributeEnumerations enumerations,
        CustomAttribute attribute,
        SignatureType signature,
        IReadOnlyList<SignatureType> typeArguments)
    {
        BlobReader blob = file.Metadata.GetBlobReader(attribute.Value);
        if (blob.Length > VerificationLimits.AttributeBytesMax)
        {
            throw new BadImageFormatException(
                $"an attribute with {blob.Length} bytes of values; {VerificationLimits.AttributeBytesMax} are allowed");
        }

        // None at all stands for no values (II.22.10).
        if (blob.Length > 0)
        {
            new AttributeValues(file, enumerations, blob).ReadAll(signature, typeArguments);
        }
    }

    private void ReadAll(SignatureType signature, IReadOnlyList<SignatureType> typeArguments)
    {
        if (blob.ReadUInt16() != 1)
        {
            throw new BadImageFormatException("values of an attribute without their prolog");
        }

        foreach (SignatureType parameter in signature.Arguments.Skip(1))
        {
            Read(parameter.Code == SignatureTypeCode.GenericTypeParameter && parameter.Index < typeArguments.Count
                ? typeArguments[parameter.Index] : parameter, depth: 0);
        }

        for (int left = blob.ReadUInt16(); left > 0; left--)
        {
            byte kind = blob.ReadByte();
            SignatureType type = kind is FieldTag or PropertyTag
                ? ReadTag(depth: 0) : throw new BadImageFormatException($"a named value of the kind 0x{kind:x2} in an attribute");
            _ = blob.ReadSerializedString();
            Read(type, depth: 0);
        }

        if (blob.RemainingBytes > 0)
        {
            throw new BadImageFormatException("the values of an attribute are longer than they say");
        }
    }

    private void Read(SignatureType type, int depth)
    {
        if (depth > VerificationLimits.AttributeDepthMax)
        {
            throw new BadImageFormatException("a value of an attribute is nested too deeply");
        }

        switch (type.Code)
        {
            case SignatureTypeCode.String:
                _ = blob.ReadSerializedString();
                return;
            case SignatureTypeCode.TypeHandle:
                CheckTypeName(blob.ReadSerializedString());
                return;
            case SignatureTypeCode.Object:
                Read(ReadTag(depth), depth + 1);
                return;
            case SignatureTypeCode.SZArray:
                ReadArray(type.Arguments[0], depth + 1);
                return;
            case (SignatureTypeCode)SignatureTypeKind.Class when file.NameOf(type.Handle) == "System.Type":
                CheckTypeName(blob.ReadSerializedString());
                return;
            case (SignatureTypeCode)SignatureTypeKind.ValueType:
                Skip(enumerations.BytesOf(type.Handle));
                return;
            default:
                Skip(BytesOf(type.Code));
                return;
        }
    }

    private void ReadArray(SignatureType element, int depth)
    {
        uint count = blob.ReadUInt32();
        if (count == NullArray)
        {
            return;
        }

        // An element takes a byte at least.
        if (count > blob.RemainingBytes)
        {
            throw new BadImageFormatException($"an array of {count} elements in an attribute");
        }

        for (; count > 0; count--)
        {
            Read(element, depth);
        }
    }

    /// <summary>The type of a named or boxed value.</summary>
    private SignatureType ReadTag(int depth)
    {
        byte tag = blob.ReadByte();
        switch (tag)
        {
            case TypeTag:
                return TypeName;
            case (byte)SerializationTypeCode.TaggedObject:
                return Boxed;
            case EnumTag:
                string? name = blob.ReadSerializedString();
                CheckTypeName(name);
                return new SignatureType(enumerations.CodeOf(name), default, 0, []);
            case (byte)SignatureTypeCode.SZArray when depth < VerificationLimits.AttributeDepthMax:
                return new SignatureType(SignatureTypeCode.SZArray, default, 0, [ReadTag(depth + 1)]);
            case (byte)SignatureTypeCode.String:
                return Text;
            default:
                _ = BytesOf((SignatureTypeCode)tag);
                return new SignatureType((SignatureTypeCode)tag, default, 0, []);
        }
    }

    /// <summary>Every reader of such names parses brackets by recursion, and some follow stars and enclosing types so.</summary>
    private static void CheckTypeName(string? name)
    {
        if (name is not null && (name.Length > VerificationLimits.TypeNameCharactersMax
            || name.Count(one => one is '[' or '*' or '+' or '&') > VerificationLimits.TypeNamePartsMax))
        {
            throw new BadImageFormatException("the name of a type in an attribute is too long, or nested too deeply");
        }
    }

    private void Skip(int bytes) => _ = blob.ReadBytes(bytes);

    internal static int BytesOf(SignatureTypeCode code) => code switch
    {
        SignatureTypeCode.Boolean or SignatureTypeCode.SByte or SignatureTypeCode.Byte => 1,
        SignatureTypeCode.Char or SignatureTypeCode.Int16 or SignatureTypeCode.UInt16 => 2,
        SignatureTypeCode.Int32 or SignatureTypeCode.UInt32 or SignatureTypeCode.Single => 4,
        SignatureTypeCode.Int64 or SignatureTypeCode.UInt64 or SignatureTypeCode.Double => 8,
        _ => throw new BadImageFormatException($"a value of the element type 0x{(byte)code:x2} in an attribute"),
    };
}
